/**
 * What is published, as the planner's ids.
 *
 * **Invariant:** what can't be read is `unknown`, never absent.
 */
import type { Certificate } from '../model/certificate.ts';
import type { Leaf } from '../model/material.ts';
import type { Content, Observation } from '../model/observation.ts';
import { slotId } from '../model/slot.ts';
import { bundleFingerprint } from '../pki/bundle.ts';
import type { PublishedState } from './world.ts';

const bundleOf = <A extends string>(content: Content<readonly Certificate[]>, absent: A) => {
  if (content.state === 'absent') return absent;
  return content.state === 'present' ? bundleFingerprint(content.value) : ('unknown' as const);
};

const leafOf = <A extends string>(content: Content<Leaf>, absent: A) => {
  if (content.state === 'absent') return absent;
  return content.state === 'present' ? content.value.certificate.fingerprint : ('unknown' as const);
};

export const publishedState = (observation: Observation): PublishedState => ({
  clientCa: bundleOf(observation.published.clientCa, 'off'),
  leafs: Object.fromEntries(
    observation.published.leafs.map(({ slot, content }) => [slotId(slot), leafOf(content, 'none')]),
  ),
  serverCas: Object.fromEntries(
    observation.published.pools.map(({ secret, content }) => [secret, bundleOf(content, 'absent')]),
  ),
  serving: leafOf(observation.published.serving, 'self-signed'),
  verifying: [...observation.published.verifying].sort(),
});
