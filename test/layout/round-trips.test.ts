/**
 * Whatever the layout, and whatever of it is there: what was written into its places is read back from them, and from no other.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FILE_KEYS, readBundle, readLeaf, writeFiles } from '../../agent/layout/files.ts';
import { desiredSlots, knownSlots, slotUnder } from '../../agent/layout/places.ts';
import type { SecretBytes } from '../../agent/model/secret-bytes.ts';
import { LAYOUT_TYPES } from '../../agent/model/settings.ts';
import { slotId } from '../../agent/model/slot.ts';
import { CLIENT_COMPONENTS } from '../../agent/model/terms.ts';
import { bundleFingerprint, unionBundle } from '../../agent/pki/bundle.ts';
import { storedSecret } from '../kit/argocd/preflight.ts';
import { testSettings } from '../kit/installation/settings.ts';
import { makeCa, makeLeaf } from '../kit/pki/index.ts';

const root = makeCa({ name: 'Root' });
const intermediate = makeCa({ name: 'Intermediate', issuer: root });
const CAS = [root, makeCa({ name: 'Other' }), makeCa({ name: 'Third' })].map(
  ({ certificate }) => certificate,
);
const LEAFS = [makeLeaf(root), makeLeaf(intermediate), makeLeaf(root)].map((each) => each.leaf);

const layout = fc.constantFrom(...LAYOUT_TYPES);
const settingsOf = (type: (typeof LAYOUT_TYPES)[number]) =>
  testSettings({ layout: { type, previous: undefined, keys: {}, names: {} } });
const bundle = fc.option(fc.subarray(CAS, { minLength: 1 }), { nil: undefined });
/** Which leaf is in each place; `undefined`: none. */
const filling = fc.array(fc.option(fc.nat(LEAFS.length - 1), { nil: undefined }), {
  minLength: 4,
  maxLength: 4,
});

const stored = (name: string, data: ReadonlyMap<string, SecretBytes>) =>
  storedSecret(name, Object.fromEntries([...data].map(([key, value]) => [key, value.reveal()])));

describe('files', () => {
  test('of any layout are read back as they were written, and places that were left out hold nothing', () => {
    fc.assert(
      fc.property(layout, filling, bundle, bundle, (type, chosen, clientCa, serverCa) => {
        const slots = desiredSlots(settingsOf(type));
        const places = slots.map((slot, index) => {
          const number = chosen[index];
          return { slot, leaf: number === undefined ? undefined : LEAFS[number] };
        });
        for (const secret of new Set(slots.map((slot) => slot.secret))) {
          const own = places.filter(({ slot }) => slot.secret === secret);
          const written = writeFiles(
            {
              clientCa,
              leafs: own.flatMap(({ slot, leaf }) => (leaf === undefined ? [] : [{ slot, leaf }])),
              serverCa,
            },
            FILE_KEYS,
          );
          const read = stored(secret, written);
          for (const { slot, leaf } of own) {
            const content = readLeaf(read, slot);
            expect(content.state).toBe(leaf === undefined ? 'absent' : 'present');
            if (leaf === undefined || content.state !== 'present') continue;
            expect(content.value.certificate).toEqual(leaf.certificate);
            expect(content.value.intermediates).toEqual(leaf.intermediates);
            expect(content.value.key.equals(leaf.key)).toBe(true);
          }
          for (const [key, cas] of [
            [FILE_KEYS.clientCa, clientCa],
            [FILE_KEYS.serverCa, serverCa],
          ] as const) {
            const content = readBundle(read, key);
            expect(content.state === 'present' ? bundleFingerprint(content.value) : undefined).toBe(
              cas === undefined ? undefined : bundleFingerprint(unionBundle(cas)),
            );
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

test('of any layout, each client has one place, among those that are known; clients share one under the shared layout only', () => {
  fc.assert(
    fc.property(layout, layout, (type, previous) => {
      const settings = testSettings({ layout: { type, previous, keys: {}, names: {} } });
      const known = knownSlots(settings).map(slotId);
      expect(new Set(known).size).toBe(known.length);
      for (const each of [type, previous]) {
        const own = CLIENT_COMPONENTS.map((component) => slotId(slotUnder(each, component, settings)));
        expect(own.filter((id) => !known.includes(id))).toEqual([]);
        expect(new Set(own).size).toBe(each === 'shared' ? 1 : CLIENT_COMPONENTS.length);
      }
    }),
  );
});
