/**
 * What a process may hold, from when it started, what was published when, and what calls showed.
 */
import { describe, expect, test } from '@jest/globals';
import { bundleFingerprint } from '../../agent/pki/bundle.ts';
import { makeCatalog } from '../../agent/plan/catalog.ts';
import { inferWorld } from '../../agent/plan/infer.ts';
import { plan } from '../../agent/plan/plan.ts';
import { STARTED } from '../kit/argocd/pods.ts';
import { makeCa, makeLeaf, replaceCa } from '../kit/pki/index.ts';
import {
  bundleEra,
  HOUR,
  leafEra,
  NOW,
  observationOf,
  proofOf,
  type Scene,
} from '../kit/plan/observations.ts';

const old = makeCa();
const now = replaceCa(old);
const [oldLeaf, nowLeaf] = [makeLeaf(old), makeLeaf(now)];
const id = (...cas: readonly (typeof old)[]) => bundleFingerprint(cas.map((each) => each.certificate));

const scene = (over: Partial<Scene> = {}): Scene => ({ ca: now, leaf: nowLeaf, ...over });
const world = (over: Partial<Scene> = {}) => {
  const observation = observationOf(scene(over));
  return inferWorld(observation, makeCatalog(observation));
};
const trust = (over: Partial<Scene>) => [...world(over).server.trust].sort();
const sorted = (...ids: readonly string[]) => [...ids].sort();
const started =
  (at: number, restartCount = 0): Scene['pod'] =>
  (pod, index) =>
    index > 0
      ? pod
      : {
          ...pod,
          createdAt: restartCount > 0 ? pod.createdAt : at,
          startedAt: restartCount > 0 ? pod.startedAt : at,
          containers: pod.containers.map((container) => ({ ...container, startedAt: at, restartCount })),
        };
const uncalled = () => [];

/** The new CA took the old one's place an hour before the look; pods of the kit are older than that. */
const REPLACED = NOW - HOUR;
const history = { clientCa: [bundleEra(0, old), bundleEra(REPLACED, now)] };

describe('what a repo-server trusts', () => {
  test('is what was published when it started, as long as no call says otherwise', () => {
    expect(trust({ history, proofs: uncalled })).toEqual(sorted(id(old), id(now), 'unproven'));
  });

  test('is proved by calls that fit one former content alone', () => {
    const proofs: Scene['proofs'] = (pods) => pods.map((pod) => proofOf(pod, [[nowLeaf, 'refused']]));
    expect(trust({ history, proofs })).toEqual(sorted(id(old), id(now)));
  });

  test('started long after the change: only the new content was there to be read', () => {
    const both = started(NOW - HOUR / 2);
    const onlyFirst: Scene['pod'] = (pod, index) => both?.(pod, index) ?? pod;
    expect(trust({ history, proofs: uncalled, pod: onlyFirst })).toEqual(
      sorted(id(old), id(now), 'unproven'),
    );
    expect(trust({ history, proofs: uncalled, pod: (pod) => both?.(pod, 0) ?? pod })).toEqual(
      sorted(id(now), 'unproven'),
    );
  });

  test.each([
    ['within the mount margin of the change', REPLACED + 3_000, 0, true],
    ['after the mount margin by less than the clocks may differ', REPLACED + 6_000, 0, true],
    ['just after the mount margin and the clocks’ difference', REPLACED + 9_000, 0, false],
    ['a container restarted in an old pod, whose volume may lag', REPLACED + 60_000, 1, true],
    ['a container restarted after the propagation wait', REPLACED + 100_000, 1, false],
  ])('%s', (_, at, restartCount, mayBeOld) => {
    const change = started(at, restartCount);
    const possible = trust({ history, proofs: uncalled, pod: (pod) => change?.(pod, 0) ?? pod });
    expect(possible.includes(id(old))).toBe(mayBeOld);
    expect(possible.includes(id(now))).toBe(true);
  });

  test('is not known by answers that conclude nothing', () => {
    const proofs: Scene['proofs'] = (pods) => pods.map((pod) => proofOf(pod, [[nowLeaf, 'unknown']]));
    expect(trust({ history, proofs })).toContain('unproven');
  });

  test('is unknown where answers fit nothing that was ever published', () => {
    // Refuses the leaf under the only CA there ever was, and nobody too: it trusts something else.
    const proofs: Scene['proofs'] = (pods) => pods.map((pod) => proofOf(pod, [[nowLeaf, 'refused']]));
    expect(trust({ proofs })).toEqual(sorted(id(now), 'unknown'));
  });

  test('is proved by one pod for that pod alone', () => {
    const proofs: Scene['proofs'] = ([first]) =>
      first === undefined ? [] : [proofOf(first, [[nowLeaf, 'accepted']])];
    expect(trust({ proofs })).toContain('unproven');
  });

  test('is not proved while one of the leafs that matter had no answer', () => {
    const upcoming = { source: { ca: now, leaf: makeLeaf(now) } };
    const answers =
      (...leafs: readonly (typeof nowLeaf)[]): NonNullable<Scene['proofs']> =>
      (pods) =>
        pods.map((pod) =>
          proofOf(
            pod,
            leafs.map((each) => [each, 'accepted'] as const),
          ),
        );
    expect(trust({ ...upcoming, proofs: answers(nowLeaf) })).toContain('unproven');
    expect(trust({ ...upcoming, proofs: answers(upcoming.source.leaf) })).toContain('unproven');
    expect(trust({ ...upcoming, proofs: answers(nowLeaf, upcoming.source.leaf) })).toEqual([id(now)]);
  });

  test('is forgotten with the container that proved it', () => {
    const proofs: Scene['proofs'] = (pods) =>
      pods.map((pod) => ({ ...proofOf(pod, [[nowLeaf, 'accepted']]), containerId: 'containerd://gone' }));
    expect(trust({ proofs })).toContain('unproven');
  });

  test('adopted without any history: what is published, once calls agree', () => {
    expect(trust({})).toEqual([id(now)]);
    expect(plan(observationOf(scene())).changeClass).toBe('none');
  });

  test('adopted without any history: a pod that lets only the old leaf in is no settled one', () => {
    const proofs: Scene['proofs'] = (pods) =>
      pods.map((pod) =>
        proofOf(pod, [
          [nowLeaf, 'refused'],
          [oldLeaf, 'accepted'],
        ]),
      );
    expect(trust({ proofs })).not.toEqual([id(now)]);
    expect(plan(observationOf(scene({ proofs }))).steps.some((step) => step.kind === 'rollout')).toBe(true);
  });
});

describe('which leaf a client shows', () => {
  const leafs = (since: number) => world({ leafHistory: [leafEra(0, oldLeaf), leafEra(since, nowLeaf)] });
  const shown = (since: number, component: string) =>
    leafs(since).clients.find((client) => client.component === component)?.leaf;
  const [was, is] = [oldLeaf.certificate.fingerprint, nowLeaf.certificate.fingerprint];

  test.each(['server', 'application-controller', 'applicationset-controller', 'notifications-controller'])(
    '%s: the old one may still be seen until the propagation wait has passed',
    (component) => {
      expect(shown(NOW - 80_000, component)).toEqual(sorted(was, is));
      expect(shown(NOW - 91_000, component)).toEqual([is]);
    },
  );

  test('notifications-controller that started before there was one shows none, however long ago that is', () => {
    const clients = world({
      leafHistory: [leafEra(0, undefined), leafEra(STARTED + HOUR, nowLeaf)],
    }).clients;
    const shows = Object.fromEntries(clients.map((client) => [client.component, client.leaf]));
    expect(shows['notifications-controller']).toEqual(sorted('none', is));
    expect(shows.server).toEqual([is]);
  });
});

describe('a process older than all that is remembered', () => {
  const forgotten = { since: STARTED + HOUR };

  test('presents a serving certificate that nobody can name, until a call shows it', () => {
    const serving = [leafEra(forgotten.since, nowLeaf)];
    expect(world({ history: { serving }, proofs: uncalled }).server.serving).toContain('unknown');
  });

  test('verifies by a pool that nobody can name', () => {
    const observation = observationOf(
      scene({
        poolHistory: [bundleEra(forgotten.since, now)],
        history: { caPath: [{ components: ['server'], since: 0 }] },
      }),
    );
    const { clients } = inferWorld(observation, makeCatalog(observation));
    expect(clients.find(({ component }) => component === 'server')?.pool).toContain('unknown');
    expect(clients.find(({ component }) => component === 'application-controller')?.pool).toEqual([
      'unverified',
    ]);
  });

  test('notifications-controller is not restarted because many leafs came and went since its start', () => {
    const leafHistory = [leafEra(forgotten.since, oldLeaf), leafEra(NOW - HOUR, nowLeaf)];
    const { clients } = world({ leafHistory });
    expect(clients.find(({ component }) => component === 'notifications-controller')?.leaf).toEqual([
      nowLeaf.certificate.fingerprint,
    ]);
  });
});

describe('a plan from an observation', () => {
  test('waits for the rest of the propagation, by the clock of the write', () => {
    const since = NOW - 30_000;
    const made = plan(
      observationOf(scene({ ca: now, leafHistory: [leafEra(0, oldLeaf), leafEra(since, nowLeaf)] })),
    );
    expect(made.steps[0]).toMatchObject({ kind: 'wait', until: since + 90_000 });
  });

  test('is the same for the same observation', () => {
    const observation = observationOf(scene({ source: { ca: old, leaf: oldLeaf } }));
    expect(plan(observation)).toEqual(plan(observation));
    expect(plan(observation).changeClass).toBe('client-ca');
  });

  test('takes no old trust away while one repo-server can not be called', () => {
    const proofs: Scene['proofs'] = (pods) =>
      pods.map((pod, index) => proofOf(pod, [[nowLeaf, index === 0 ? 'accepted' : 'unknown']]));
    const made = plan(observationOf(scene({ proofs, source: { ca: old, leaf: oldLeaf } })));
    const [first] = made.steps;
    const drops =
      first?.kind === 'publish' &&
      first.changes.some(
        (change) => change.role === 'client-ca' && !change.anchors.includes(now.certificate.fingerprint),
      );
    expect(drops).toBe(false);
  });
});
