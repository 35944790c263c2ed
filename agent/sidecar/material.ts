/**
 * Reads the sources and lets the shipped admission judge what they hold.
 *
 * **Invariant:** what is handed on passed admission; everything else is a hold with its reason.
 */
import { admit } from '../admission/admit.ts';
import { admitAnchors } from '../admission/admit-anchors.ts';
import { midUpdate } from '../admission/mid-update.ts';
import type { Certificate } from '../model/certificate.ts';
import type { Material } from '../model/material.ts';
import type { Refusal } from '../model/refusal.ts';
import type { SidecarHold } from '../model/sidecar-hold.ts';
import type { Component, Instant } from '../model/terms.ts';
import { unionBundle } from '../pki/bundle.ts';
import type { Wanted } from './decision/situation.ts';
import { showsOn } from './decision/situation.ts';
import type { BundleReading, SidecarSources } from './sources.ts';

export interface SidecarMaterial {
  /** `undefined`: not this sidecar's to write. */
  readonly leaf: Wanted<Material> | undefined;
  readonly trust: Wanted<readonly Certificate[]> | undefined;
  /** When the newest of it was written. */
  readonly changedAt: Instant | undefined;
  readonly source: string;
}

const STAYS = 'Nothing is written; what was written before stays in use.';

const held = (hold: SidecarHold): Wanted<never> => ({ state: 'held', hold });

const refused = (refusal: Refusal, changedAt: Instant | undefined, at: Instant): Wanted<never> => {
  const torn = midUpdate(refusal, changedAt, at);
  return torn === undefined
    ? held({
        code: 'material-refused',
        what: `${refusal.what} (${refusal.code})`,
        effect: refusal.effect,
        next: refusal.next,
      })
    : held({ code: 'material-waiting', what: torn.why, effect: STAYS, next: torn.next });
};

const notReady = (
  reading: Exclude<BundleReading, { state: 'ready' }>,
  changedAt: Instant | undefined,
  at: Instant,
): Wanted<never> => {
  switch (reading.state) {
    case 'refused':
      return refused(reading.refusal, changedAt, at);
    case 'waiting':
      return held({ code: 'material-waiting', what: reading.why, effect: STAYS, next: reading.next });
    case 'unreachable':
      return held({ code: 'source-unreachable', what: reading.why, effect: STAYS, next: reading.next });
  }
};

const readLeaf = async (
  { leaf }: SidecarSources,
  component: Component,
  dialledNames: readonly string[],
  at: Instant,
): Promise<{ readonly wanted: Wanted<Material>; readonly changedAt: Instant | undefined } | undefined> => {
  if (leaf === undefined) return undefined;
  const reading = await leaf.read();
  if (reading.state !== 'ready') return { wanted: notReady(reading, undefined, at), changedAt: undefined };
  const { raw, changedAt } = reading;
  const admission = admit(raw, showsOn(component), at, { dialledNames });
  return {
    wanted:
      'material' in admission
        ? { state: 'ready', value: admission.material }
        : refused(admission.refusal, changedAt, at),
    changedAt,
  };
};

const readTrust = async (
  { bundles }: SidecarSources,
  at: Instant,
): Promise<
  { readonly wanted: Wanted<readonly Certificate[]>; readonly changedAt: Instant | undefined } | undefined
> => {
  if (bundles.length === 0) return undefined;
  const found: (readonly Certificate[])[] = [];
  let changedAt: Instant | undefined;
  for (const bundle of bundles) {
    const reading = await bundle.read();
    if (reading.state !== 'ready') return { wanted: notReady(reading, undefined, at), changedAt };
    changedAt = Math.max(changedAt ?? 0, reading.changedAt ?? 0);
    const admission = admitAnchors(reading.source, reading.anchorsPem, at);
    if ('refusal' in admission)
      return { wanted: refused(admission.refusal, reading.changedAt, at), changedAt };
    found.push(admission.anchors);
  }
  return { wanted: { state: 'ready', value: unionBundle(...found) }, changedAt };
};

export const readSidecarMaterial = async (
  sources: SidecarSources,
  component: Component,
  dialledNames: readonly string[],
  at: Instant,
): Promise<SidecarMaterial> => {
  const leaf = await readLeaf(sources, component, dialledNames, at);
  const trust = await readTrust(sources, at);
  const times = [leaf?.changedAt, trust?.changedAt].filter((time) => time !== undefined);
  return {
    leaf: leaf?.wanted,
    trust: trust?.wanted,
    changedAt: times.length === 0 ? undefined : Math.max(...times),
    source: [...(sources.leaf === undefined ? [] : [sources.leaf]), ...sources.bundles]
      .map(({ describe }) => describe)
      .join(', '),
  };
};
