/**
 * Leases: whose turn it is.
 *
 * **Invariant:** every sentence has Leases of its own.
 */
import { expect, test } from '@jest/globals';
import type { LeaseIntent } from '../../agent/model/lease.ts';
import type { WorldOf } from './describe.ts';
import { failureOf, present } from './help.ts';

const AT = Date.parse('2030-01-02T03:04:05.678Z');

export const leaseSentences = (worldOf: WorldOf): void => {
  const intent = (
    name: string,
    holder: string | undefined,
    rest: Partial<LeaseIntent> = {},
  ): LeaseIntent => ({
    namespace: worldOf().namespace,
    name,
    holder,
    duration: 600_000,
    acquiredAt: AT,
    renewedAt: AT,
    transitions: 0,
    annotations: { 'x.dev/pods': 'a,b' },
    ...rest,
  });

  test('a Lease is read as it was written; one that is not there is undefined', async () => {
    const { agent, namespace } = worldOf();
    expect(await agent.leases.readLease(namespace, 'nobody')).toBeUndefined();
    await agent.leases.writeLease(intent('written', 'me'), undefined);
    expect(await agent.leases.readLease(namespace, 'written')).toMatchObject({
      holder: 'me',
      duration: 600_000,
      acquiredAt: AT,
      renewedAt: AT,
      transitions: 0,
      annotations: { 'x.dev/pods': 'a,b' },
    });
  });

  // Neither may be: on a real server each can undo what the other has just read. Both know then that they have to look again.
  test('of two who take an absent Lease at once at most one is left holding it, and a second look decides', async () => {
    const { agent, namespace } = worldOf();
    const holders = ['one', 'other'];
    const outcomes = await Promise.allSettled(
      holders.map((holder) => agent.leases.writeLease(intent('contended', holder), undefined)),
    );
    const winners = holders.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    expect(winners.length).toBeLessThanOrEqual(1);
    const left = present(await agent.leases.readLease(namespace, 'contended'));
    expect(left.holder).toBe(winners[0]);
    const taken =
      left.holder === undefined ? await agent.leases.writeLease(intent('contended', 'one'), left) : left;
    expect(holders).toContain(taken.holder);
  });

  test('who took a Lease for absent that somebody holds has a conflict, and the holder keeps it', async () => {
    const { agent, namespace } = worldOf();
    await agent.leases.writeLease(intent('late', 'one'), undefined);
    const failure = await failureOf(agent.leases.writeLease(intent('late', 'other'), undefined));
    expect(failure.reason).toBe('conflict');
    expect(await agent.leases.readLease(namespace, 'late')).toMatchObject({
      holder: 'one',
      duration: 600_000,
    });
  });

  test('of two who read the same Lease, one takes it and the other has a conflict', async () => {
    const { agent, namespace } = worldOf();
    const before = await agent.leases.writeLease(intent('swapped', undefined), undefined);
    await agent.leases.writeLease(intent('swapped', 'one', { transitions: 1 }), before);
    const failure = await failureOf(
      agent.leases.writeLease(intent('swapped', 'other', { transitions: 1 }), before),
    );
    expect(failure).toMatchObject({ reason: 'conflict', verb: 'patch', resource: 'leases' });
    expect(present(await agent.leases.readLease(namespace, 'swapped')).holder).toBe('one');
  });

  test('a Lease that is given back is held by nobody', async () => {
    const { agent, namespace } = worldOf();
    const before = await agent.leases.writeLease(intent('returned', 'me'), undefined);
    await agent.leases.writeLease(intent('returned', undefined, { annotations: {} }), before);
    const after = present(await agent.leases.readLease(namespace, 'returned'));
    expect(after.holder).toBeUndefined();
    expect(after.annotations).toEqual({});
  });
};
