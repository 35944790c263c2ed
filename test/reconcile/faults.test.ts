/**
 * API faults in the middle of a rotation: told once each, retried with back-off, and the end is the same.
 */
import { afterEach, expect, test } from '@jest/globals';
import type { Fault, FaultMatch } from '../kit/api-server/index.ts';
import { Installation, issue } from '../kit/installation/index.ts';
import { makeCa, replaceCa } from '../kit/pki/index.ts';
import { expectFinished } from '../rotation/finished.ts';
import { run, told, until } from './help.ts';

const LIMIT = 120_000;
const NS = 'argocd';

let installation: Installation;
afterEach(async () => {
  await installation.close();
});

const faults: readonly {
  readonly what: string;
  readonly match: FaultMatch;
  readonly fault: Fault;
  readonly times: number;
}[] = [
  { what: 'too many requests', match: {}, fault: { status: 429, retryAfter: 1 }, times: 3 },
  {
    what: 'too many requests, come back in a minute',
    match: {},
    fault: { status: 429, retryAfter: 60 },
    times: 1,
  },
  { what: 'an overloaded server on every read', match: { verb: 'get' }, fault: { status: 503 }, times: 12 },
  {
    what: 'an overloaded server on writes of Secrets',
    match: { verb: 'patch', resource: 'secrets' },
    fault: { status: 503 },
    times: 2,
  },
  { what: 'lost preconditions', match: { verb: 'patch' }, fault: { status: 409 }, times: 2 },
  { what: 'connections that die before the call', match: {}, fault: { close: true }, times: 4 },
  { what: 'writes whose answer is lost', match: { verb: 'patch' }, fault: { drop: true }, times: 3 },
];

test(
  'whatever the API answers in mid-rotation, the rotation ends the same way, without a failed call or a restart too many',
  async () => {
    installation = await Installation.start({
      repoServers: 1,
      settings: { budget: { restarts: 50, window: 1 } },
    });
    let ca = makeCa();
    issue(installation.api, NS, 'repo-client', ca, 'client');
    await installation.agent().run();
    for (const { what, match, fault, times } of faults) {
      const writes = installation.api.writes.length;
      ca = replaceCa(ca);
      issue(installation.api, NS, 'repo-client', ca, 'client');
      const { agent, reconciler } = run(installation.agent());
      for (const kind of ['publish', 'rollout', 'wait'] as const) {
        await until(installation, () => told(agent, 'step-started').some(({ step }) => step.kind === kind));
        installation.api.faults.next(match, fault, times);
        await until(installation, () => installation.api.faults.pending === 0);
      }
      await until(installation, () => told(agent, 'rotation-ended').length > 0);
      await reconciler.stop();
      await installation.pass(60_000);
      expect({ what, restarts: installation.restarts(writes) }).toEqual({
        what,
        restarts: { 'repo-server': 2 },
      });
      expect(installation.secret('argocd-repo-server-mtls')?.['client-ca.crt']).toBe(ca.pem);
      await expectFinished(installation);
    }
  },
  LIMIT,
);

test(
  'a server that stays away is asked again ever more rarely, each failure told, and recovery too',
  async () => {
    installation = await Installation.start({ repoServers: 1 });
    issue(installation.api, NS, 'repo-client', makeCa(), 'client');
    installation.api.faults.next({}, { status: 503 }, 10_000);
    const { agent, reconciler } = run(installation.agent());
    await until(installation, () => told(agent, 'degraded').length >= 5);
    const waits = told(agent, 'degraded').map(({ at, retryAt }) => retryAt - at);
    expect(waits).toEqual([10_000, 20_000, 40_000, 80_000, 160_000]);
    installation.api.faults.clear();
    await until(installation, () => told(agent, 'rotation-ended').length > 0);
    expect(told(agent, 'recovered')).toHaveLength(1);
    await reconciler.stop();
    await expectFinished(installation);
  },
  LIMIT,
);

test(
  'a write that the API refuses is told as a failed try of its step, and the step is done in the end',
  async () => {
    installation = await Installation.start({ repoServers: 1 });
    issue(installation.api, NS, 'repo-client', makeCa(), 'client');
    installation.api.faults.next({ verb: 'patch', resource: 'secrets' }, { status: 503 }, 1);
    const { agent, reconciler } = run(installation.agent());
    await until(installation, () => told(agent, 'rotation-ended').length > 0);
    const published = told(agent, 'step-ended').filter(({ step }) => step.kind === 'publish');
    expect(published.map(({ end }) => end.result)).toEqual(['failed', 'done', 'done']);
    await reconciler.stop();
  },
  LIMIT,
);
