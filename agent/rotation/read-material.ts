/**
 * Asks the sources, and lets admission judge what they hand over.
 *
 * **Invariant:** a source is told what is published in its place, so that one which issues by itself can say whether it is time.
 */
import { admit } from '../admission/admit.ts';
import { midUpdate } from '../admission/mid-update.ts';
import { bundlePem, chainPem } from '../layout/files.ts';
import { desiredSlot } from '../layout/places.ts';
import type { MaterialReading, PublishedPair, SourceRequest } from '../model/material.ts';
import type { ClientMaterial, Content, PublishedFiles } from '../model/observation.ts';
import type { InstanceSettings } from '../model/settings.ts';
import { slotId } from '../model/slot.ts';
import type { Instant } from '../model/terms.ts';
import type { RotationServices } from './services.ts';

type RoleSource = RotationServices['sources'][number];

const isRead = (role: RoleSource): boolean => role.purpose === 'serving' || role.components.length > 0;

const pairOf = (
  leaf: PublishedFiles['serving'],
  trust: Content<Parameters<typeof bundlePem>[0]>,
): PublishedPair | undefined =>
  leaf.state === 'present'
    ? {
        certificatePem: chainPem(leaf.value),
        key: leaf.value.key,
        anchorsPem: trust.state === 'present' ? bundlePem(trust.value) : '',
      }
    : undefined;

/** What is published in the place that this source fills: the first of its clients' places that holds something. */
const publishedFor = (
  role: RoleSource,
  published: PublishedFiles,
  settings: InstanceSettings,
): PublishedPair | undefined => {
  if (role.purpose === 'serving') {
    const pool = published.pools.find(({ content }) => content.state === 'present');
    return pairOf(published.serving, pool?.content ?? { state: 'absent' });
  }
  for (const component of role.components) {
    const id = slotId(desiredSlot(component, settings));
    const place = published.leafs.find(({ slot }) => slotId(slot) === id);
    const pair = place && pairOf(place.content, published.clientCa);
    if (pair !== undefined) return pair;
  }
  return undefined;
};

/** What a source is told when it is asked for a reading, or for a new leaf. */
export const requestFor = (
  role: RoleSource,
  published: PublishedFiles,
  settings: InstanceSettings,
  dialledNames: readonly string[],
): SourceRequest => ({
  published: publishedFor(role, published, settings),
  dialledNames: role.purpose === 'serving' ? dialledNames : [],
});

const read = async (role: RoleSource, request: SourceRequest, at: Instant): Promise<MaterialReading> => {
  const reading = await role.source.read(request);
  if (reading.state !== 'ready') return reading;
  const { raw, ...rest } = reading;
  const admitted = admit(raw, role.purpose, at, { dialledNames: request.dialledNames });
  if ('material' in admitted) return { ...rest, material: admitted.material };
  const source = role.source.describe;
  const torn = midUpdate(admitted.refusal, reading.changedAt, at);
  return torn === undefined
    ? { state: 'refused', source, refusal: admitted.refusal }
    : { state: 'waiting', source, ...torn };
};

export interface Materials {
  readonly clientMaterials: readonly ClientMaterial[];
  readonly serving: MaterialReading | undefined;
}

/** Reads every source, all at once. */
export const readMaterials = async (
  { settings, sources }: Pick<RotationServices, 'settings' | 'sources'>,
  published: PublishedFiles,
  dialledNames: readonly string[],
  at: Instant,
): Promise<Materials> => {
  const asked = await Promise.all(
    sources.filter(isRead).map(async (role) => ({
      role,
      reading: await read(role, requestFor(role, published, settings, dialledNames), at),
    })),
  );
  return {
    clientMaterials: asked
      .filter(({ role }) => role.purpose === 'client')
      .map(({ role, reading }) => ({
        role: role.role,
        components: role.components,
        reading,
        canReissue: role.source.issue === undefined ? 'no' : 'yes',
      })),
    serving: asked.find(({ role }) => role.purpose === 'serving')?.reading,
  };
};
