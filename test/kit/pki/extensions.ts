/**
 * The extensions that decide whether a chain is accepted, as DER.
 *
 * **Invariant:** criticality is what RFC 5280 and cert-manager use, unless a test says otherwise.
 */
import * as der from './der.ts';
import type { Extension } from './x509.ts';

export const USAGE = {
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  any: '2.5.29.37.0',
} as const;

const KEY_USAGE_BITS = { digitalSignature: 0, keyEncipherment: 2, keyCertSign: 5, cRLSign: 6 } as const;
export type KeyUsage = keyof typeof KEY_USAGE_BITS;

export const basicConstraints = (isCa: boolean, pathLength: number | undefined): Extension => ({
  oid: '2.5.29.19',
  critical: true,
  value: der.sequence(
    ...(isCa ? [der.boolean(true)] : []),
    ...(pathLength === undefined ? [] : [der.integer(pathLength)]),
  ),
});

export const keyUsage = (usages: readonly KeyUsage[]): Extension => {
  const byte = usages.reduce((sum, usage) => sum | (0x80 >> KEY_USAGE_BITS[usage]), 0);
  const unused = byte === 0 ? 0 : 31 - Math.clz32(byte & -byte);
  return {
    oid: '2.5.29.15',
    critical: true,
    value: der.bits(byte === 0 ? Buffer.alloc(0) : Buffer.from([byte]), unused),
  };
};

export const extendedKeyUsage = (oids: readonly string[]): Extension => ({
  oid: '2.5.29.37',
  critical: false,
  value: der.sequence(...oids.map(der.oid)),
});

const address = (text: string): Buffer => {
  if (!text.includes(':')) return Buffer.from(text.split('.').map(Number));
  const [head = '', tail] = text.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const all = [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
};

export const subjectAltName = (names: {
  readonly dns: readonly string[];
  readonly ips: readonly string[];
  readonly uris: readonly string[];
}): Extension => ({
  oid: '2.5.29.17',
  critical: false,
  value: der.sequence(
    ...names.dns.map((value) => der.implicit(2, Buffer.from(value, 'latin1'))),
    ...names.uris.map((value) => der.implicit(6, Buffer.from(value, 'latin1'))),
    ...names.ips.map((value) => der.implicit(7, address(value))),
  ),
});

/** Permitted and excluded DNS trees, and permitted IPv4 ranges as [address, mask]. */
export const nameConstraints = (trees: {
  readonly permittedDns?: readonly string[];
  readonly excludedDns?: readonly string[];
  readonly permittedIps?: readonly (readonly [string, string])[];
}): Extension => {
  const dns = (value: string): Buffer => der.sequence(der.implicit(2, Buffer.from(value, 'latin1')));
  const permitted = [
    ...(trees.permittedDns ?? []).map(dns),
    ...(trees.permittedIps ?? []).map(([ip, mask]) =>
      der.sequence(der.implicit(7, Buffer.concat([address(ip), address(mask)]))),
    ),
  ];
  const excluded = (trees.excludedDns ?? []).map(dns);
  return {
    oid: '2.5.29.30',
    critical: true,
    value: der.sequence(
      ...(permitted.length > 0 ? [der.explicit(0, ...permitted)] : []),
      ...(excluded.length > 0 ? [der.explicit(1, ...excluded)] : []),
    ),
  };
};
