/**
 * A whole instance on the stand-in, woken by its own watches and timers, while a test moves the clock.
 *
 * **Invariant:** time passes only between moments at which nothing is under way on the wire.
 */
import type { Happening } from '../../agent/model/happening.ts';
import { Reconciler } from '../../agent/reconcile.ts';
import type { Agent, Installation } from '../kit/installation/index.ts';

export interface Running {
  readonly agent: Agent;
  readonly reconciler: Reconciler;
}

export const run = (agent: Agent): Running => {
  const reconciler = new Reconciler(agent.rotation, agent.services);
  reconciler.start();
  return { agent, reconciler };
};

const breathe = () => new Promise<void>((resolve) => setTimeout(resolve, 2));

/** As long as calls are made, they are waited for; a second of the clock between any two looks. */
export const until = async (
  installation: Installation,
  condition: () => boolean,
  limit = 3_600_000,
): Promise<void> => {
  const end = installation.clock.now() + limit;
  let seen = -1;
  while (!condition()) {
    if (installation.clock.now() > end) throw new Error('it never came true');
    await breathe();
    await installation.quiet();
    if (installation.api.calls.length !== seen) {
      seen = installation.api.calls.length;
      continue;
    }
    installation.clock.advance(1_000);
  }
};

export const told = <T extends Happening['type']>(agent: Agent, type: T) =>
  agent.told.filter((happening): happening is Extract<Happening, { type: T }> => happening.type === type);
