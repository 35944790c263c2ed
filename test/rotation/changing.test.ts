/**
 * The source changes its mind in the middle of a rotation, at every stage of it.
 */
import { expect, test } from '@jest/globals';
import { deliver, HOUR, Installation, issue } from '../kit/installation/index.ts';
import { type Authority, type Identity, makeCa, makeLeaf, replaceCa, USAGE } from '../kit/pki/index.ts';
import { endedRotations, expectAtRest, stepsBegun } from './finished.ts';

const NS = 'argocd';

type Stage = { readonly name: string; readonly after: number };
/** How many steps have begun when the source changes; of the eleven or so of a client CA rotation. */
const STAGES: readonly Stage[] = [
  { name: 'both CAs published', after: 2 },
  { name: 'repo-server rolled and proved', after: 4 },
  { name: 'the new leaf published', after: 6 },
  { name: 'the old CA dropped', after: 8 },
  { name: 'repo-server rolled again', after: 9 },
];

interface Turn {
  readonly what: string;
  readonly make: (now: Authority, old: Authority, oldLeaf: Identity) => { ca: Authority; leaf: Identity };
}

const leafUnder = (ca: Authority) => makeLeaf(ca, { usages: [USAGE.client], name: 'repo-client' });

const TURNS: readonly Turn[] = [
  { what: 'a new leaf under the new CA', make: (now) => ({ ca: now, leaf: leafUnder(now) }) },
  {
    what: 'a third CA',
    make: (now) => {
      const ca = replaceCa(now);
      return { ca, leaf: leafUnder(ca) };
    },
  },
  { what: 'back to the old CA and leaf', make: (_, old, oldLeaf) => ({ ca: old, leaf: oldLeaf }) },
];

test.each(TURNS)(
  'in mid-rotation $what: no call fails, and the last word of the source is published',
  async ({ make }) => {
    const installation = await Installation.start({ repoServers: 1 });
    try {
      let ca = makeCa();
      let leaf = issue(installation.api, NS, 'repo-client', ca, 'client');
      await installation.agent().run();
      for (const stage of STAGES) {
        const old = { ca, leaf };
        ca = replaceCa(ca);
        issue(installation.api, NS, 'repo-client', ca, 'client');
        const agent = installation.agent();
        await agent.run({ until: () => stepsBegun(agent.told) >= stage.after });
        ({ ca, leaf } = make(ca, old.ca, old.leaf));
        deliver(installation.api, NS, 'repo-client', leaf, ca);
        await agent.run();
        expect({ stage, failed: installation.traffic.failed }).toEqual({ stage, failed: [] });
        expect(installation.secret('argocd-repo-server-mtls')).toMatchObject({
          'client-ca.crt': ca.pem,
          'client.crt': leaf.chainPem,
        });
        expect(installation.secret(installation.settings.names.previousSecret)).toBeUndefined();
        expect(endedRotations(installation).at(-1)?.rotation).toMatchObject({
          result: 'succeeded',
          proof: 'taken',
        });
        await expectAtRest(installation);
        await installation.pass(2 * HOUR);
      }
    } finally {
      await installation.close();
    }
  },
  120_000,
);
