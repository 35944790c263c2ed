/**
 * One certificate from a PKI mount: the request that is sent, and what is accepted as its answer.
 *
 * **Invariant:** an answer is accepted only where it is a pair that could be published: readable, alive, with its key and the wanted names.
 */
import { isIP } from 'node:net';
import type { Certificate } from '../../agent/model/certificate.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { Instant } from '../../agent/model/terms.ts';
import type { VaultPkiSpec } from '../../agent/model/vault-spec.ts';
import { newAnchors, orderChain, splitChain } from '../../agent/pki/chain.ts';
import { parseCertificates } from '../../agent/pki/parse.ts';
import { keyBelongsTo } from '../../agent/pki/private-key.ts';
import { UnreadablePki } from '../../agent/pki/unreadable.ts';
import { groupOf, textOf, textsOf } from './answer.ts';
import { makeKeyAndRequest, type RequestNames } from './certificate-request.ts';
import type { Question, Vault } from './connection.ts';
import { VaultFailure } from './failure.ts';
import { isNamedBy } from './wanted-names.ts';

/** What was signed, with everything that came along above it. */
export interface Signed {
  readonly leaf: Certificate;
  readonly key: SecretBytes;
  /** Above the leaf, its issuer first; the root too, where Vault has it. */
  readonly above: readonly Certificate[];
}

/** `sign`, `issue`, or either by an issuer: developer.hashicorp.com/vault/api-docs/secret/pki#sign-certificate */
const pathOf = ({ mount, role, issuer, method }: VaultPkiSpec): string =>
  issuer === undefined ? `${mount}/${method}/${role}` : `${mount}/issuer/${issuer}/${method}/${role}`;

const bodyOf = (spec: VaultPkiSpec, { commonName, names }: RequestNames, csr: string | undefined): string => {
  const list = (of: readonly string[]) => (of.length === 0 ? undefined : of.join(','));
  return JSON.stringify({
    csr,
    common_name: commonName,
    alt_names: list(names.filter((name) => isIP(name) === 0)),
    ip_sans: list(names.filter((name) => isIP(name) !== 0)),
    ttl: spec.ttl === undefined ? undefined : `${Math.ceil(spec.ttl / 1000)}s`,
    format: 'pem',
    private_key_format: csr === undefined ? 'pkcs8' : undefined,
  });
};

/** @throws VaultFailure */
export const askForCertificate = async (
  vault: Vault,
  spec: VaultPkiSpec,
  names: RequestNames,
  now: Instant,
): Promise<Signed> => {
  const made = spec.method === 'sign' ? await makeKeyAndRequest(spec.key, names) : undefined;
  const question: Question = {
    method: 'POST',
    path: pathOf(spec),
    body: SecretBytes.of(bodyOf(spec, names, made?.requestPem)),
  };
  const data = groupOf((await vault.ask(question)).data);
  const key = made?.key ?? SecretBytes.of(textOf(data.private_key) ?? '');
  const unusable = (why: string) =>
    new VaultFailure(
      'invalid',
      `Vault ${vault.name} answered ${question.path} with a certificate that ${why}.`,
      `Correct the role ${spec.role} in Vault (allowed names, \`use_csr_sans\`, ttl, key type), or its clock. Nothing was written.`,
    );
  try {
    const certificates = [
      textOf(data.certificate) ?? '',
      textOf(data.issuing_ca) ?? '',
      ...textsOf(data.ca_chain),
    ].flatMap((pem) => parseCertificates(pem));
    const { leafs } = splitChain(certificates);
    const [leaf] = leafs;
    if (leaf === undefined || leafs.length > 1) throw unusable('is not exactly one leaf');
    if (!keyBelongsTo(key, leaf)) throw unusable('does not belong to the key');
    if (leaf.notAfter <= now) throw unusable(`expired at ${new Date(leaf.notAfter).toISOString()}`);
    const missing = names.names.filter((name) => !isNamedBy(leaf, name));
    if (missing.length > 0) throw unusable(`lacks the name ${missing.join(', ')}`);
    return {
      leaf,
      key,
      above: orderChain(
        leaf,
        certificates.filter(({ isCa }) => isCa),
      ),
    };
  } catch (error) {
    if (error instanceof UnreadablePki) throw unusable(`can not be read: ${error.message}`);
    throw error;
  }
};

/** What has to be trusted for it, as far as the answer tells. */
export const anchorsOf = ({ above }: Signed): readonly Certificate[] => newAnchors(above, []);
