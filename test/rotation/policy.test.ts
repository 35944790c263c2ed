/**
 * Windows, freezes, urgency, approval and pauses on whole rotations: what is held, in which state, and what lets it go on.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Happening } from '../../agent/model/happening.ts';
import type { Policy } from '../../agent/model/policy.ts';
import { ANNOTATION } from '../../agent/model/product.ts';
import { writeOrders } from '../../agent/rotation/write-orders.ts';
import { type Agent, HOUR, Installation, issue, MINUTE } from '../kit/installation/index.ts';
import { ManualClock } from '../kit/manual-clock.ts';
import { type Authority, makeCa, replaceCa } from '../kit/pki/index.ts';
import { frozenFrom, openAt, policyOf } from '../policy/recurrences.ts';
import { endedRotations, expectFinished } from './finished.ts';

const LIMIT = 60_000;
const NS = 'argocd';
/** Certificates of the kit are valid until 2049, or to dates after it. */
const MIDNIGHT = Date.parse('2030-01-07T00:00Z');
const HELD = 'held held-by-policy';

let installation: Installation;
let ca: Authority;
afterEach(async () => {
  await installation.close();
});

/** Two repo-servers at rest, with a leaf that expires a few days later than everything else is looked at. */
const settled = async (leafLasts?: number): Promise<void> => {
  installation = await Installation.start({ clock: new ManualClock(MIDNIGHT) });
  ca = makeCa();
  issue(
    installation.api,
    NS,
    'repo-client',
    ca,
    'client',
    leafLasts === undefined ? {} : { notAfter: MIDNIGHT + leafLasts },
  );
  await installation.agent().run();
};

const replace = (): void => {
  ca = replaceCa(ca);
  issue(installation.api, NS, 'repo-client', ca, 'client');
};

const under = (policy: Partial<Policy>): Agent => {
  installation.settings = { ...installation.settings, policy: policyOf(policy) };
  return installation.agent();
};

const until = async (text: string): Promise<void> => {
  await installation.pass(Date.parse(text) - installation.clock.now());
};

const holds = (happenings: readonly Happening[]) =>
  happenings.flatMap((happening) => (happening.type === 'held' ? [happening] : []));
const lastHold = (agent: Agent) => holds(agent.told).at(-1)?.hold;

const say = (agent: Agent, said: Readonly<Record<string, string>>) =>
  writeOrders(agent.services.cluster, agent.services.settings, said);
const approve = async (agent: Agent, digest: string) =>
  await say(agent, {
    [ANNOTATION.approvedPlan]: digest,
    [ANNOTATION.approvedBy]: 'Ada',
    [ANNOTATION.change]: 'CHG-1',
  });

const trusted = (): number =>
  (installation.secret('argocd-repo-server-mtls')?.['client-ca.crt'] ?? '').split('BEGIN CERTIFICATE')
    .length - 1;

const WAY = [
  'publish client-ca',
  'rollout repo-server',
  'prove',
  'keep-previous',
  'publish client-leaf',
  'wait',
  'publish client-ca',
  'rollout repo-server',
  'prove',
  'erase-previous',
];
const BEFORE_DISTRUST = WAY.slice(0, 6);
const DISTRUST = WAY.slice(6);

const hourly = openAt('0 3-8 * * *', '2m');

describe('a window', () => {
  test(
    'holds a change before its first write, and one that has begun in it goes on to its end',
    async () => {
      await settled();
      replace();
      const writes = installation.api.writes.length;
      const agent = under({ windows: [hourly] });
      expect(await agent.run()).toEqual([HELD]);
      expect(
        installation.api.writes.slice(writes).filter(({ resource }) => resource !== 'configmaps'),
      ).toEqual([]);
      expect(lastHold(agent)?.policy).toMatchObject({
        reason: 'outside-window',
        opens: Date.parse('2030-01-07T03:00Z'),
      });
      const since = holds(agent.told)[0]?.at;
      await until('2030-01-07T03:00:30Z');
      expect(await agent.run()).toEqual(WAY);
      expect(agent.told.flatMap((one) => (one.type === 'policy-opened' ? [one] : []))).toMatchObject([
        { since, hold: { policy: { reason: 'outside-window' } }, rotation: { admission: { by: 'policy' } } },
      ]);
      await expectFinished(installation);
    },
    LIMIT,
  );

  test(
    'is waited for anew with both CAs trusted before the old one goes, where that is configured, over a change of processes',
    async () => {
      await settled();
      replace();
      await until('2030-01-07T03:00:30Z');
      const agent = under({ windows: [hourly], distrust: 'in-window' });
      expect(await agent.run()).toEqual([...BEFORE_DISTRUST, HELD]);
      expect(trusted()).toBe(2);
      expect(lastHold(agent)?.policy?.opens).toBe(Date.parse('2030-01-07T04:00Z'));
      expect(await installation.agent().run()).toEqual(['prove', HELD]);
      await until('2030-01-07T04:00:30Z');
      expect(await installation.agent().run()).toEqual(DISTRUST);
      expect(trusted()).toBe(1);
      await expectFinished(installation);
    },
    LIMIT,
  );
});

test(
  'near expiry a freeze is overridden, but a CA that is still valid goes only after the freeze',
  async () => {
    await settled(8 * HOUR);
    replace();
    const freeze = frozenFrom('2030-01-01T00:00Z', '2030-01-07T09:00Z');
    const agent = under({ freezes: [freeze], urgentBefore: 5 * HOUR, urgentOverrides: ['freezes'] });
    expect(await agent.run()).toEqual([HELD]);
    expect(lastHold(agent)?.effect).toContain('2030-01-07T08:00:00.000Z, which is before it may go on');
    await until('2030-01-07T03:00Z');
    expect(await agent.run()).toEqual([...BEFORE_DISTRUST, HELD]);
    expect(trusted()).toBe(2);
    await until('2030-01-07T09:00Z');
    expect(await agent.run()).toEqual(DISTRUST);
    expect(endedRotations(installation).at(-1)?.rotation.admission).toMatchObject({ by: 'policy' });
    await expectFinished(installation);
  },
  LIMIT,
);

describe('an approval', () => {
  test(
    'is waited for; one of a plan that has changed since is void, and the next lets it go on and is remembered',
    async () => {
      await settled();
      replace();
      const agent = under({ approval: ['client-ca'] });
      expect(await agent.run()).toEqual([HELD]);
      const first = (await agent.rotation.plan()).policy.digest;
      expect(lastHold(agent)?.what).toContain(first);
      await say(agent, { [ANNOTATION.approvedPlan]: 'yes', [ANNOTATION.approvedBy]: 'Ada' });
      expect(await agent.run()).toEqual([HELD]);
      expect(lastHold(agent)?.policy?.reason).toBe('approval-unreadable');

      await approve(agent, first);
      issue(installation.api, NS, 'repo-client', ca, 'client');
      expect(await agent.run()).toEqual([HELD]);
      expect(lastHold(agent)).toMatchObject({
        policy: { reason: 'approval-of-another-plan' },
        what: expect.stringContaining('that approval is void'),
      });

      const second = (await installation.agent().rotation.plan()).policy.digest;
      expect(second).not.toBe(first);
      await approve(agent, second);
      expect(await agent.run()).toEqual(WAY);
      const approval = { digest: second, by: 'Ada', change: 'CHG-1' };
      expect(endedRotations(installation).at(-1)?.rotation.admission?.approval).toEqual(approval);
      await expectFinished(installation);
    },
    LIMIT,
  );

  test(
    'is needed anew where another CA comes in the middle: it waits with old and new trusted',
    async () => {
      await settled();
      replace();
      const agent = under({ approval: ['client-ca'] });
      await approve(agent, (await agent.rotation.plan()).policy.digest);
      await agent.run({ until: (told) => told.some((one) => one.type === 'published') });
      replace();
      expect(await agent.run()).toContain(HELD);
      expect(lastHold(agent)?.policy?.reason).toBe('approval-of-another-plan');
      await approve(agent, (await agent.rotation.plan()).policy.digest);
      expect(await agent.run()).toContain('publish client-leaf');
      await expectFinished(installation);
    },
    LIMIT,
  );
});

test(
  'a pause stops a rotation where it is, says who and why, and it goes on when it is resumed',
  async () => {
    await settled();
    replace();
    const agent = installation.agent();
    await agent.run({ until: (told) => told.some((one) => one.type === 'published') });
    await say(agent, { [ANNOTATION.paused]: 'network maintenance', [ANNOTATION.pausedBy]: 'Grace' });
    await agent.run();
    const writes = installation.api.writes.length;
    await installation.pass(5 * MINUTE);
    expect(await agent.run()).toEqual([HELD]);
    expect(lastHold(agent)).toMatchObject({
      policy: { reason: 'paused' },
      what: 'The instance is paused: network maintenance (Grace).',
    });
    expect(installation.api.writes.slice(writes)).toEqual([]);
    await say(agent, { [ANNOTATION.paused]: '', [ANNOTATION.pausedBy]: 'Grace' });
    await agent.run();
    await expectFinished(installation);
  },
  LIMIT,
);
