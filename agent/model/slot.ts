/**
 * Where a published file lies: keys of Secrets, by layout.
 *
 * **Invariant:** two places are the same if and only if their ids are.
 */
declare const slotBrand: unique symbol;

/** A leaf's place: a pair of keys in one Secret. */
export interface Slot {
  readonly secret: string;
  /** Key of the certificate and its chain. */
  readonly certificate: string;
  /** Key of the private key. */
  readonly key: string;
}

/** `secret/certificate-key`. */
export type SlotId = string & { readonly [slotBrand]: true };

export const slotId = ({ secret, certificate }: Pick<Slot, 'secret' | 'certificate'>): SlotId =>
  `${secret}/${certificate}` as SlotId;

/** Secret of a place. */
export const secretOfSlot = (id: SlotId): string => id.slice(0, id.indexOf('/'));

/** The names of the four keys, where a fork or an operator calls them otherwise. */
export interface FileKeys {
  readonly clientCa: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  readonly serverCa: string;
}
