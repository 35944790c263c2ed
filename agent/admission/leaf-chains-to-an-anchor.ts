/**
 * A Go program that trusts these CAs accepts this leaf with these intermediates.
 *
 * **Invariant:** the last word on every chain; whatever the predicates before it name more precisely, nothing passes this one by luck.
 */
import type { Refusal, RefusalCode } from '../model/refusal.ts';
import { pruneExpired } from '../pki/bundle.ts';
import { type ChainFault, verifyChain } from '../pki/verify.ts';
import type { Draft, Predicate } from './draft.ts';
import { named, refuse } from './refuse.ts';

/** Most telling first: that a CA of the same name did not sign says less than that the right one has expired. */
const TELLING: readonly (readonly [ChainFault['kind'], RefusalCode])[] = [
  ['path-length', 'path-length-exceeded'],
  ['expired', 'expired'],
  ['not-yet-valid', 'not-yet-valid'],
  ['weak-signature', 'weak-signature'],
  ['usage', 'client-auth-missing'],
  ['names', 'chain-broken'],
  ['extension', 'chain-broken'],
  ['key', 'unsupported-key'],
  ['not-ca', 'chain-broken'],
  ['signature', 'chain-broken'],
  ['no-issuer', 'chain-broken'],
];

const NEXT: Readonly<Partial<Record<RefusalCode, string>>> = {
  'path-length-exceeded': 'Issue the CA without a path length, or the leaf directly under it.',
  expired: 'Renew the CA, then the certificates under it.',
  'not-yet-valid': 'Wait for that moment, or compare the clocks of issuer and cluster.',
  'weak-signature':
    'Have the issuer sign with SHA-256, SHA-384, SHA-512 or Ed25519: Go refuses SHA-1 and MD5.',
  'client-auth-missing': 'Leave extended key usages out of CAs, or add `client auth`.',
  'server-auth-missing': 'Leave extended key usages out of CAs, or add `server auth`.',
};

const judge = ({ leaf, anchors, purpose }: Draft, fault: ChainFault, usual: RefusalCode): Refusal => {
  const code = usual === 'client-auth-missing' && purpose === 'serving' ? 'server-auth-missing' : usual;
  return refuse(
    code,
    `${named(leaf)} does not lead to any of the trusted CAs ${anchors.map(named).join(', ')}: ${named(fault.about)} ${fault.detail}.`,
    'Who trusts only these CAs would refuse it.',
    NEXT[code] ??
      'Make the source deliver the leaf with all its intermediates, and the CA that they lead to (`ca.crt`, or what `ca` names in the configuration).',
  );
};

export const leafChainsToAnAnchor: Predicate = (draft) => {
  const { leaf, intermediates, anchors, purpose, at } = draft;
  const verdict = verifyChain({ certificate: leaf, intermediates }, pruneExpired(anchors, at), at, purpose);
  if (verdict.ok) return undefined;
  for (const [kind, code] of TELLING) {
    const fault = verdict.faults.find((candidate) => candidate.kind === kind);
    if (fault !== undefined) return judge(draft, fault, code);
  }
  return judge(draft, { kind: 'no-issuer', about: leaf, detail: 'has no issuer here' }, 'chain-broken');
};
