/**
 * What a made Secret holds, taken from where the plan says it stands.
 *
 * **Invariant:** only the certificate or key that the plan names by its fingerprint is taken; where the place holds another one now, nothing is
 * made.
 */
import { RotatorError } from '../../model/errors.ts';
import { short } from '../../model/fingerprint.ts';
import type { CopiedValue } from '../../model/migration.ts';
import { type KeyPlace, keyPlaceText } from '../../model/migration-findings.ts';
import { SecretBytes } from '../../model/secret-bytes.ts';
import { partsOf } from '../findings/value.ts';

const gone = ({ from, part }: CopiedValue): RotatorError => {
  const [what, fingerprint] =
    part.kind === 'certificate' ? ['certificate', part.fingerprint] : ['private key', part.keyFingerprint];
  return new RotatorError('refused', {
    what: `The ${what} ${short(fingerprint)} is not in ${keyPlaceText(from)} any more.`,
    effect: 'Nothing was made of it; traffic is as it was.',
    next: 'Look again and plan anew: migrate plan.',
  });
};

const partOf = (copy: CopiedValue, value: SecretBytes): SecretBytes => {
  const { part } = copy;
  const { certificates, keys } = partsOf(value);
  if (part.kind === 'certificate') {
    const found = certificates.find(({ fingerprint }) => fingerprint === part.fingerprint);
    if (found === undefined) throw gone(copy);
    return SecretBytes.of(found.pem);
  }
  for (const key of keys) {
    if (key.state === 'read' && key.fingerprint === part.keyFingerprint) return key.pem;
  }
  throw gone(copy);
};

/**
 * The data of a made Secret by its keys. `valueAt`: what stands at a place now.
 *
 * @throws RotatorError `refused` where something is not there any more
 */
export const copiedData = (
  copies: readonly CopiedValue[],
  valueAt: (place: KeyPlace) => SecretBytes | undefined,
): ReadonlyMap<string, SecretBytes> => {
  const data = new Map<string, SecretBytes>();
  for (const copy of copies) {
    const value = valueAt(copy.from);
    if (value === undefined) throw gone(copy);
    const part = partOf(copy, value);
    const before = data.get(copy.to);
    data.set(
      copy.to,
      before === undefined
        ? part
        : SecretBytes.ofBytes(Buffer.concat([before.revealBytes(), part.revealBytes()])),
    );
  }
  return data;
};
