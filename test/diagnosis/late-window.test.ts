/** Windows that would come too late are told with both dates, while there is time. */
import { expect, test } from '@jest/globals';
import { preflight } from '../../agent/diagnosis/preflight.ts';
import { writeFiles } from '../../agent/layout/files.ts';
import { desiredSlot } from '../../agent/layout/places.ts';
import type { Policy } from '../../agent/model/policy.ts';
import { STARTED } from '../kit/argocd/pods.ts';
import { inputOf, settings, storedSecret } from '../kit/argocd/preflight.ts';
import { makeCa, makeLeaf, USAGE } from '../kit/pki/index.ts';
import { frozenFrom, openAt, policyOf } from '../policy/recurrences.ts';

const DAY = 24 * 3_600_000;
const day = (count: number): string => new Date(STARTED + count * DAY).toISOString();

const ca = makeCa();
const leaf = makeLeaf(ca, { usages: [USAGE.client], notAfter: STARTED + 5 * DAY });
const used = settings();
const files = writeFiles(
  {
    clientCa: [ca.certificate],
    leafs: [{ slot: desiredSlot('server', used), leaf: leaf.leaf }],
    serverCa: undefined,
  },
  used.names.keys,
);
const mtls = storedSecret(
  used.names.mtlsSecret,
  Object.fromEntries([...files].map(([key, value]) => [key, value.reveal()])),
);

const found = (policy: Partial<Policy>) =>
  preflight(inputOf({ mtls, settings: { policy: policyOf(policy) } })).filter(
    ({ code }) => code === 'window-too-late',
  );

const freeze = frozenFrom(day(-1), day(9));
const leapDay = openAt('0 2 29 2 *', '4h');

test.each<[string, Partial<Policy>, number]>([
  ['no policy', {}, 0],
  ['a window every day', { windows: [openAt('0 2 * * *', '1h')] }, 0],
  ['a window on leap days only', { windows: [leapDay] }, 1],
  ['the same for other changes', { windows: [{ ...leapDay, classes: ['client-ca'] }] }, 0],
  ['a freeze until after its expiry', { freezes: [freeze] }, 1],
  ['a freeze that ends before it', { freezes: [frozenFrom(day(-1), day(4))] }, 0],
  ['a freeze that urgency overrides', { freezes: [freeze], urgentBefore: DAY }, 0],
  ['a freeze that it does not', { freezes: [freeze], urgentBefore: DAY, urgentOverrides: ['windows'] }, 1],
])('a leaf that expires in five days, and %s', (_, policy, count) => {
  expect(found(policy)).toHaveLength(count);
});

test('what is said has the date of the expiry and that of the window', () => {
  expect(found({ freezes: [freeze] })).toMatchObject([
    {
      severity: 'warning',
      about: 'Secret argocd/argocd-repo-server-mtls',
      what: `A certificate in it expires on ${day(5)}, and windows and freezes let no renewal (leaf) begin before ${day(9)}.`,
    },
  ]);
});
