/**
 * The issuers of one PKI mount: which one signs now, and which one signed a leaf.
 *
 * **Invariant:** a leaf belongs to an issuer by its signature, never by a name alone; looks are no more frequent than the poll.
 */
import type { Certificate } from '../../agent/model/certificate.ts';
import type { Fingerprint } from '../../agent/model/fingerprint.ts';
import type { Instant } from '../../agent/model/terms.ts';
import type { VaultPkiSpec } from '../../agent/model/vault-spec.ts';
import { newAnchors, orderChain } from '../../agent/pki/chain.ts';
import { parseCertificates } from '../../agent/pki/parse.ts';
import { signedBy } from '../../agent/pki/signature.ts';
import type { Clock } from '../../agent/ports.ts';
import { groupOf, textOf, textsOf } from './answer.ts';
import type { Vault } from './connection.ts';
import { VaultFailure } from './failure.ts';

export interface Issuer {
  readonly certificate: Certificate;
  /** The issuer and what is above it, in that order. */
  readonly chain: readonly Certificate[];
  /** What has to be trusted so that its leafs are: the self-signed root, or the top of what Vault knows. */
  readonly anchors: readonly Certificate[];
}

/** How many issuers of a mount are looked through for the one that signed a leaf. */
const MOST_ISSUERS = 100;

export const issued = (issuer: Certificate, leaf: Certificate): boolean =>
  leaf.issuerDer === issuer.subjectDer && signedBy(leaf, issuer);

/** @throws UnreadablePki where the PEM is none */
const issuerFrom = (pems: readonly string[]): Issuer | undefined => {
  const [certificate, ...others] = pems.flatMap((pem) => parseCertificates(pem));
  if (certificate === undefined) return undefined;
  const chain = [certificate, ...orderChain(certificate, others)];
  // Of a root that was renewed with its key Vault shows every certificate: each is in the chain of the others.
  return { certificate, chain, anchors: certificate.selfSigned ? [certificate] : newAnchors(chain, []) };
};

const orThrow = (found: Issuer | VaultFailure): Issuer => {
  if (found instanceof VaultFailure) throw found;
  return found;
};

export class Issuers {
  readonly #spec: VaultPkiSpec;
  readonly #vault: Vault;
  readonly #clock: Pick<Clock, 'now'>;
  /** What is wrong with the path is as good as an answer until the poll is over; what is wrong with Vault is not. */
  #looked: { readonly at: Instant; readonly found: Issuer | VaultFailure } | undefined;
  readonly #signers = new Map<Fingerprint, { readonly at: Instant; readonly issuer: Issuer | undefined }>();
  /** By id: an issuer's certificate never changes, so those that signed something else need not be asked for again. */
  readonly #certificates = new Map<string, Certificate>();
  /** A policy that doesn't let roles be read: the role is taken to follow the mount's default. */
  #roleIsClosed = false;

  constructor(spec: VaultPkiSpec, vault: Vault, clock: Pick<Clock, 'now'>) {
    this.#spec = spec;
    this.#vault = vault;
    this.#clock = clock;
  }

  /** The issuer that signs now. @throws VaultFailure */
  async current(): Promise<Issuer> {
    const looked = this.#looked;
    if (looked !== undefined && this.#isFresh(looked.at)) return orThrow(looked.found);
    const found = await this.#byReference(await this.#reference()).catch((error: unknown) => {
      if (error instanceof VaultFailure && !error.isOfTheConnection) return error;
      throw error;
    });
    this.#looked = { at: this.#clock.now(), found };
    return orThrow(found);
  }

  /** The issuer of the mount that signed that leaf, the present one first; `undefined`: none of them did. @throws VaultFailure */
  async signerOf(leaf: Certificate): Promise<Issuer | undefined> {
    const current = await this.current();
    if (issued(current.certificate, leaf)) return current;
    const known = this.#signers.get(leaf.fingerprint);
    if (known !== undefined && this.#isFresh(known.at)) return known.issuer;
    const issuer = await this.#find(leaf);
    this.#signers.clear();
    this.#signers.set(leaf.fingerprint, { at: this.#clock.now(), issuer });
    return issuer;
  }

  /** What is known is looked at anew at the next question. */
  forget(): void {
    this.#looked = undefined;
    this.#signers.clear();
  }

  #isFresh(at: Instant): boolean {
    const age = this.#clock.now() - at;
    return age >= 0 && age < this.#spec.poll;
  }

  /** The issuer that the configuration names, else the one of the role. */
  async #reference(): Promise<string> {
    const { issuer, mount, role } = this.#spec;
    if (issuer !== undefined) return issuer;
    if (this.#roleIsClosed) return 'default';
    try {
      const { data } = await this.#vault.ask({ method: 'GET', path: `${mount}/roles/${role}` });
      return textOf(groupOf(data).issuer_ref) ?? 'default';
    } catch (error) {
      if (!(error instanceof VaultFailure) || error.problem !== 'forbidden') throw error;
      this.#roleIsClosed = true;
      return 'default';
    }
  }

  async #byReference(reference: string): Promise<Issuer> {
    const path = `${this.#spec.mount}/issuer/${reference}/json`;
    const data = groupOf((await this.#vault.ask({ method: 'GET', path })).data);
    const unusable = (why: string) =>
      new VaultFailure(
        'unexpected',
        `Vault ${this.#vault.name} answered ${path} ${why}.`,
        'See whether the mount is a PKI secrets engine and has that issuer.',
      );
    const pem = textOf(data.certificate);
    if (pem === undefined) throw unusable('without a certificate');
    let issuer: Issuer | undefined;
    try {
      issuer = issuerFrom([pem, ...textsOf(data.ca_chain)]);
    } catch {
      throw unusable('with a certificate that can not be read');
    }
    if (issuer === undefined) throw unusable('without a certificate');
    return issuer;
  }

  async #find(leaf: Certificate): Promise<Issuer | undefined> {
    const { data } = await this.#vault.ask({ method: 'LIST', path: `${this.#spec.mount}/issuers` });
    for (const id of textsOf(groupOf(data).keys).slice(0, MOST_ISSUERS)) {
      if (!/^[\w-]+$/.test(id)) continue;
      const known = this.#certificates.get(id);
      if (known !== undefined && !issued(known, leaf)) continue;
      const issuer = await this.#byReference(id);
      this.#certificates.set(id, issuer.certificate);
      if (issued(issuer.certificate, leaf)) return issuer;
    }
    return undefined;
  }
}
