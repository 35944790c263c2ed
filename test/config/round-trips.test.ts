/**
 * What somebody writes into a configuration is what takes effect: in any order, as block, flow or JSON, in `defaults` or in the instance.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { formatDuration } from '../../agent/config/duration.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import { renderProblem } from '../../agent/config/problem.ts';
import type { InstanceSettings } from '../../agent/model/settings.ts';
import { LAYOUT_TYPES } from '../../agent/model/settings.ts';
import { MODES } from '../../agent/model/terms.ts';

const MINUTE = 60_000;
const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const wait = fc.integer({ min: 60_000, max: 20 * MINUTE });

/** Options that may stand in either place. */
const options = fc.record({
  mode: fc.constantFrom(...MODES),
  state: fc.constantFrom('enabled', 'disabled'),
  layout: fc.record({ type: fc.constantFrom(...LAYOUT_TYPES) }),
  adopt: fc.constantFrom('never', 'existing'),
  evictions: fc.constantFrom('never', 'allowed'),
  distrust: fc.constantFrom('immediately', 'with-next-restart'),
  labels: fc.dictionary(label, label, { maxKeys: 3, noNullPrototype: true }),
  propagationWait: wait,
});
type Options = typeof options extends fc.Arbitrary<infer T> ? T : never;

const written = ({ propagationWait, ...rest }: Options) => ({
  ...rest,
  propagationWait: formatDuration(propagationWait),
});

const identity = fc.record({ name: label, namespace: label, certificate: label });
type Identity = typeof identity extends fc.Arbitrary<infer T> ? T : never;

const shuffled = (value: Readonly<Record<string, unknown>>, seed: number) =>
  Object.fromEntries(
    Object.entries(value)
      .map((entry, index) => [(index * 7 + seed) % 11, entry] as const)
      .sort(([a], [b]) => a - b)
      .map(([, entry]) => entry),
  );

const documentOf = (who: Identity, own: object, defaults: object, seed: number) =>
  shuffled(
    {
      apiVersion: 'mtls-rotator/v1alpha1',
      kind: 'RotatorConfig',
      defaults,
      instances: [
        shuffled(
          {
            name: who.name,
            namespace: who.namespace,
            clients: { default: { certManager: { certificate: who.certificate } } },
            ...own,
          },
          seed,
        ),
      ],
    },
    seed,
  );

const settings = (text: string): InstanceSettings => {
  const parsed = parseConfig(text);
  if (!parsed.ok) throw new Error(parsed.problems.map(renderProblem).join('\n'));
  const [first] = parsed.settings.instances;
  if (first === undefined) throw new Error('no instance');
  return first;
};

test('every option is found again as it was written', () => {
  fc.assert(
    fc.property(identity, options, fc.nat(10), (who, own, seed) => {
      const read = settings(stringify(documentOf(who, written(own), {}, seed)));
      expect(read).toMatchObject({
        name: who.name,
        namespace: who.namespace,
        mode: own.mode,
        state: own.state,
        adopt: own.adopt,
        evictions: own.evictions,
        distrust: own.distrust,
        labels: own.labels,
        clients: { default: { type: 'certManager', certificate: who.certificate } },
      });
      expect(read.layout.type).toBe(own.layout.type);
      expect(read.timing.propagationWait).toBe(own.propagationWait);
    }),
    { numRuns: 40 },
  );
});

test('block, flow and JSON say the same, and so do the defaults and the instance', () => {
  fc.assert(
    fc.property(identity, options, fc.nat(10), (who, own, seed) => {
      const inInstance = documentOf(who, written(own), {}, seed);
      const inDefaults = documentOf(who, {}, written(own), seed);
      const expected = settings(stringify(inInstance));
      expect(settings(JSON.stringify(inInstance))).toEqual(expected);
      expect(settings(stringify(inInstance, { collectionStyle: 'flow' }))).toEqual(expected);
      expect(settings(stringify(inDefaults))).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});
