/**
 * Which fields of a KV secret hold certificate, key and CAs.
 *
 * **Invariant:** what the configuration names counts alone; where it names nothing, the first known name that is there.
 */
import type { Refusal } from '../../agent/model/refusal.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { VaultKvSpec } from '../../agent/model/vault-spec.ts';

/** Names by which people and tools call them, most specific first. */
const USUAL = {
  certificate: ['tls.crt', 'certificate', 'cert', 'client.crt'],
  key: ['tls.key', 'private_key', 'key', 'client.key'],
  ca: ['ca.crt', 'issuing_ca', 'ca', 'client-ca.crt'],
} as const;

type Part = keyof typeof USUAL;

export interface KvPair {
  readonly certificatePem: string;
  readonly key: SecretBytes;
  readonly anchorsPem: string;
}

const MISSING = { certificate: 'no-certificate', key: 'no-key', ca: 'no-anchor' } as const;

const refusalOf = (part: Part, wanted: readonly string[], found: readonly string[]): Refusal => ({
  code: MISSING[part],
  what: `No field ${wanted.join(', ')} holds the ${part}; there are ${found.length === 0 ? 'no fields' : found.toSorted().join(', ')}.`,
  effect: 'Nothing of it is published; what is published stays as it is.',
  next: `Name the field with the ${part} in \`fields\` of that source, or write it under one of these names.`,
});

export const readFields = (
  entries: ReadonlyMap<string, SecretBytes>,
  fields: VaultKvSpec['fields'],
): { readonly found: KvPair } | { readonly refusal: Refusal } => {
  const names = (part: Part): readonly string[] => {
    const named = fields?.[part];
    return named === undefined ? USUAL[part] : [named];
  };
  const fieldOf = (part: Part): SecretBytes | undefined =>
    names(part)
      .map((name) => entries.get(name))
      .find((value) => value !== undefined && value.reveal().trim() !== '');
  for (const part of ['certificate', 'key'] as const)
    if (fieldOf(part) === undefined) return { refusal: refusalOf(part, names(part), [...entries.keys()]) };
  if (fields?.ca !== undefined && fieldOf('ca') === undefined)
    return { refusal: refusalOf('ca', names('ca'), [...entries.keys()]) };
  return {
    found: {
      certificatePem: fieldOf('certificate')?.reveal() ?? '',
      key: fieldOf('key') ?? SecretBytes.of(''),
      anchorsPem: fieldOf('ca')?.reveal() ?? '',
    },
  };
};
