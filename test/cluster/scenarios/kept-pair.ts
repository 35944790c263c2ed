/** A client pair as a team keeps it by hand or in a store: a CA of their own, leafs renewed under it, the CA replaced. */
import { type Authority, type Identity, makeCa, makeLeaf, replaceCa, USAGE } from '../../kit/pki/index.ts';

const DAY = 86_400_000;

export interface KeptText {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
}

export class KeptPair {
  readonly #name: string;
  #ca: Authority;
  #leaf: Identity;

  constructor(name: string) {
    this.#name = name;
    this.#ca = makeCa({ name: `${name} CA`, ...yearsFromNow(5) });
    this.#leaf = this.#issued();
  }

  get text(): KeptText {
    return { certificate: this.#leaf.chainPem, key: this.#leaf.keyPem, ca: this.#ca.pem };
  }

  /** A new leaf with a new key, under the same CA. */
  renew(): KeptText {
    this.#leaf = this.#issued();
    return this.text;
  }

  /** A CA of the same name with another key, and a leaf under it. */
  replace(): KeptText {
    this.#ca = replaceCa(this.#ca, yearsFromNow(5));
    return this.renew();
  }

  #issued(): Identity {
    return makeLeaf(this.#ca, { name: `${this.#name}-client`, usages: [USAGE.client], ...yearsFromNow(1) });
  }
}

const yearsFromNow = (years: number): { notBefore: number; notAfter: number } => ({
  notBefore: Date.now() - DAY,
  notAfter: Date.now() + years * 365 * DAY,
});
