/**
 * Random worlds: whatever is done that the planner admits, in whatever order, no pair that worked is put at risk; and every search ends.
 *
 * **Invariant:** the walk below chooses among all admissible actions, not among those of the cheapest plan.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ClientComponent } from '../../agent/model/terms.ts';
import { CLIENT_COMPONENTS } from '../../agent/model/terms.ts';
import { apply, isReached } from '../../agent/plan/actions.ts';
import { admissible } from '../../agent/plan/admissible.ts';
import { newRisks, type Risk, risks } from '../../agent/plan/compatibility.ts';
import { search } from '../../agent/plan/search.ts';
import { type PublishedState, possible, type World } from '../../agent/plan/world.ts';
import {
  bundle,
  candidatesBetween,
  goalOf,
  leaf,
  letters,
  MTLS,
  placesAt,
  published,
  settledWorld,
} from '../kit/plan/letters.ts';

const trust = fc.constantFrom(
  ...(['off', 'A', 'B', 'A+B'] as const).map((id) => (id === 'off' ? id : bundle(id))),
);
const pool = fc.constantFrom(
  ...(['absent', 'S', 'T', 'S+T'] as const).map((id) => (id === 'absent' ? id : bundle(id))),
);
const clientLeaf = fc.constantFrom('none' as const, leaf('a1'), leaf('a2'), leaf('b1'));
const servingLeaf = fc.constantFrom('self-signed' as const, leaf('s1'), leaf('s2'), leaf('t1'));
const someClients = fc
  .subarray([...CLIENT_COMPONENTS])
  .map((list): readonly ClientComponent[] => [...list].sort());

const state: fc.Arbitrary<PublishedState> = fc
  .record({
    clientCa: trust,
    leaf: clientLeaf,
    serverCa: pool,
    serving: servingLeaf,
    verifying: someClients,
  })
  .map(published);

/** A world on its way from one state to another: processes of both, mixed, some of them uncalled. */
const mixed: fc.Arbitrary<World> = fc
  .record({
    before: state,
    now: state,
    moved: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
    unproven: fc.boolean(),
    reading: fc.constantFrom('per-call' as const, 'at-start' as const, 'never' as const),
  })
  .map(({ before, now, moved, unproven, reading }) => {
    const [old, fresh] = [settledWorld(before), settledWorld(now)];
    const trusts = moved[0] ? fresh.server.trust : possible(...old.server.trust, ...fresh.server.trust);
    return {
      published: now,
      server: {
        trust: unproven ? possible(...trusts, 'unproven' as const) : trusts,
        serving: moved[1] ? fresh.server.serving : possible(...old.server.serving, ...fresh.server.serving),
        rolling: false,
      },
      clients: fresh.clients.map((client, index) => {
        const earlier = old.clients[index] ?? client;
        const done = moved[2 + index];
        return {
          ...client,
          reading: index === 0 ? reading : client.reading,
          places: index === 0 && reading === 'never' ? placesAt(undefined, MTLS) : client.places,
          leaf: done ? client.leaf : possible(...client.leaf, ...earlier.leaf),
          pool: done ? client.pool : possible(...client.pool, ...earlier.pool),
        };
      }),
    };
  });

const sentence = (risk: Risk) => `${risk.client} ${risk.side} ${risk.left} ${risk.right} ${risk.verdict}`;

test('no admissible action puts a pair at risk that was not at risk already', () => {
  fc.assert(
    fc.property(mixed, state, fc.array(fc.nat(), { maxLength: 14 }), (start, end, choices) => {
      const goal = goalOf(end);
      const candidates = candidatesBetween(start.published, end);
      let world = start;
      for (const choice of choices) {
        const actions = admissible(world, goal, candidates, letters);
        const action = actions[choice % Math.max(1, actions.length)];
        if (action === undefined) return;
        const next = apply(world, action);
        const isWrite = !['wait', 'roll', 'prove'].includes(action.kind);
        if (isWrite) expect(newRisks(world, next, letters)).toEqual([]);
        else {
          // What isn't a write adds nothing but a process that has not been called yet.
          const had = new Set(risks(world, letters).map(sentence));
          const added = risks(next, letters)
            .map(sentence)
            .filter((risk) => !had.has(risk) && !/ (unproven|unknown) /.test(risk));
          expect(added).toEqual([]);
        }
        world = next;
      }
    }),
    { numRuns: 400 },
  );
});

test('every search ends, and its plan leads to the goal', () => {
  fc.assert(
    fc.property(mixed, state, (start, end) => {
      const goal = goalOf(end);
      const candidates = candidatesBetween(start.published, end);
      const path = search(start, goal, candidates, letters);
      if (path === undefined) return;
      let world = start;
      for (const action of path.actions) world = apply(world, action);
      expect(isReached(world, goal, candidates.covers)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test('a plan never restarts a workload that holds what is wanted already', () => {
  fc.assert(
    fc.property(state, (settled) => {
      const path = search(
        settledWorld(settled),
        goalOf(settled),
        candidatesBetween(settled, settled),
        letters,
      );
      expect(path?.actions).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('going on from any point of a plan leads to the rest of it: no restart is made twice', () => {
  fc.assert(
    fc.property(state, state, (from, to) => {
      const goal = goalOf(to);
      const candidates = candidatesBetween(from, to);
      const start = settledWorld(from);
      const path = search(start, goal, candidates, letters);
      if (path === undefined) return;
      const rolls = (actions: typeof path.actions) =>
        actions.filter((action) => action.kind === 'roll').length;
      let world = start;
      path.actions.forEach((action, index) => {
        world = apply(world, action);
        const rest = search(world, goal, candidates, letters);
        expect(rest).toBeDefined();
        expect(rolls(rest?.actions ?? [])).toBe(rolls(path.actions.slice(index + 1)));
      });
    }),
    { numRuns: 6 },
  );
});
