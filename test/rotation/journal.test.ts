/**
 * The journal lost, damaged or written by a newer agent in the middle of a rotation.
 */
import { afterEach, expect, test } from '@jest/globals';
import { HOUR, Installation, issue } from '../kit/installation/index.ts';
import { makeCa, replaceCa } from '../kit/pki/index.ts';
import { expectFinished, stepsBegun } from './finished.ts';

const LIMIT = 120_000;
const NS = 'argocd';
const JOURNAL = 'argocd-mtls-rotator-test';

let installation: Installation;
afterEach(async () => {
  await installation.close();
});

const rewrite = (text: string) => {
  const object = installation.api.objects.get('ConfigMap', NS, JOURNAL);
  if (object === undefined) throw new Error('no journal yet');
  installation.api.objects.put({ ...object, data: { journal: text } }, 'kubectl-edit');
};

const accidents = [
  {
    what: 'deleted',
    happen: () => installation.api.objects.remove('ConfigMap', NS, JOURNAL),
    damaged: false,
  },
  { what: 'cut off', happen: () => rewrite('{"version":1,"rotation":{"id":"r12'), damaged: true },
  { what: 'emptied', happen: () => rewrite(''), damaged: false },
  { what: 'filled with something else', happen: () => rewrite('[1,2,3]'), damaged: true },
  {
    what: 'of the right version with parts of the wrong shape',
    happen: () => rewrite('{"version":1,"rotation":{},"history":[{}],"lastProof":{}}'),
    damaged: true,
  },
] as const;

test.each(accidents)(
  'a journal that is $what at any stage: the rotation ends safely, nothing restarted twice for the same reason',
  async ({ happen, damaged }) => {
    installation = await Installation.start({ repoServers: 1 });
    let ca = makeCa();
    issue(installation.api, NS, 'repo-client', ca, 'client');
    await installation.agent().run();
    for (const stage of [2, 6]) {
      const writes = installation.api.writes.length;
      ca = replaceCa(ca);
      issue(installation.api, NS, 'repo-client', ca, 'client');
      const first = installation.agent();
      await first.run({ until: () => stepsBegun(first.told) >= stage });
      happen();
      const next = installation.agent();
      await next.run();
      expect(installation.damages.includes(next.user)).toBe(damaged);
      expect(installation.restarts(writes)).toEqual({ 'repo-server': 2 });
      await expectFinished(installation);
      await installation.pass(2 * HOUR);
    }
  },
  LIMIT,
);

test(
  'a journal from a newer agent is refused before anything is written',
  async () => {
    installation = await Installation.start({ repoServers: 1 });
    const ca = makeCa();
    issue(installation.api, NS, 'repo-client', ca, 'client');
    await installation.agent().run();
    issue(installation.api, NS, 'repo-client', replaceCa(ca), 'client');
    rewrite('{"version":2,"everything":"else"}');
    const writes = installation.api.writes.length;
    await expect(installation.agent().run()).rejects.toMatchObject({ kind: 'refused' });
    expect(installation.api.writes.length).toBe(writes);
    expect(installation.traffic.failed).toEqual([]);
  },
  LIMIT,
);
