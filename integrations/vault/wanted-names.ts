/**
 * The names that a certificate of a source has to carry.
 *
 * **Invariant:** an address is compared with addresses, a DNS name with DNS names; a wildcard counts only where it was asked for.
 */
import { isIP } from 'node:net';
import type { Certificate } from '../../agent/model/certificate.ts';
import type { SourceRequest } from '../../agent/model/material.ts';
import type { VaultPkiSpec } from '../../agent/model/vault-spec.ts';
import type { RequestNames } from './certificate-request.ts';

/** Configured and dialled names, each once; a client certificate needs no dialled ones. */
export const wantedNames = (
  { altNames }: Pick<VaultPkiSpec, 'altNames'>,
  purpose: 'client' | 'serving',
  { dialledNames }: SourceRequest,
): readonly string[] => [
  ...new Set([...(purpose === 'serving' ? dialledNames : []), ...altNames].map((name) => name.toLowerCase())),
];

export const isNamedBy = (leaf: Certificate, name: string): boolean =>
  isIP(name) === 0
    ? leaf.dnsNames.some((carried) => carried.toLowerCase() === name)
    : leaf.ipAddresses.includes(name);

/** RFC 5280 allows 64 characters in a common name. */
export const requestNames = (commonName: string | undefined, names: readonly string[]): RequestNames => ({
  commonName: commonName ?? names.find((name) => isIP(name) === 0 && name.length <= 64),
  names,
});
