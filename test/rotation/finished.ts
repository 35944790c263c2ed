/**
 * What rotations' tests ask of a rotation, in one place: of every finished one, and of one on its way.
 *
 * **Invariant:** asked of a new agent process, which knows nothing but the cluster.
 */
import { expect } from '@jest/globals';
import type { Happening } from '../../agent/model/happening.ts';
import type { InstanceSettings } from '../../agent/model/settings.ts';
import type { Installation } from '../kit/installation/index.ts';

type Ended = Extract<Happening, { type: 'rotation-ended' }>;

export const endedRotations = (installation: Installation): readonly Ended[] =>
  installation.happenings.filter((happening): happening is Ended => happening.type === 'rotation-ended');

/** No call failed, the proof was taken, nothing is left over, and the next agent finds nothing to do and writes nothing. */
export const expectFinished = async (
  installation: Installation,
  over: Partial<InstanceSettings> = {},
): Promise<void> => {
  expect(installation.traffic.failed).toEqual([]);
  expect(endedRotations(installation).at(-1)?.rotation).toMatchObject({
    result: 'succeeded',
    proof: 'taken',
  });
  expect(installation.secret(installation.settings.names.previousSecret)).toBeUndefined();
  await expectAtRest(installation, over);
};

export const expectAtRest = async (
  installation: Installation,
  over: Partial<InstanceSettings> = {},
): Promise<void> => {
  const writes = installation.api.writes.length;
  const next = installation.agent(over);
  expect(await next.run()).toEqual([]);
  const plan = await next.rotation.plan();
  expect({ steps: plan.steps, changeClass: plan.changeClass }).toEqual({ steps: [], changeClass: 'none' });
  expect(installation.api.writes.slice(writes).map((write) => `${write.verb} ${write.name}`)).toEqual([]);
  expect(installation.api.violations).toEqual([]);
  expect(installation.traffic.failed).toEqual([]);
};

export const stepsBegun = (happenings: readonly Happening[]): number =>
  happenings.filter((happening) => happening.type === 'step-started').length;

/** What the last hold said; `undefined` where nothing was held. */
export const heldWhat = (happenings: readonly Happening[]): string | undefined => {
  const held = happenings.findLast((happening) => happening.type === 'held');
  return held?.type === 'held' ? held.hold.what : undefined;
};
