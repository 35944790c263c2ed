/**
 * The worlds that are explored: where each begins, and what may happen in it how often.
 *
 * **Invariant:** every bound of the model is in this table or in `state.ts`, and is printed with the result.
 */
import type { Component } from '../../agent/model/terms.ts';
import { aged } from './age.ts';
import { loadedForNow } from './environment.ts';
import { settled } from './explore.ts';
import type { Allowance } from './rules.ts';
import { type Chances, LONG_GAP, type ModelState } from './state.ts';
import type { Configured } from './turn.ts';

export interface Scenario {
  readonly name: string;
  readonly configured: Configured;
  /** Pods of each workload. */
  readonly pods: Readonly<Partial<Record<Component, number>>>;
  /** What the source held when everything was last at rest; `undefined`: mTLS was never on. */
  readonly before: { readonly client?: string; readonly serving?: string } | undefined;
  /** How it was configured then. */
  readonly configuredBefore?: Configured;
  readonly now: { readonly client: string; readonly serving?: string };
  /** What else the source may come to hold. */
  readonly sources?: readonly string[];
  readonly chances: Chances;
  readonly allowance: Allowance;
}

const AWAY = 'away';

const bare = (pods: Scenario['pods'], source: ModelState['source']): ModelState => {
  const components = Object.keys(pods) as Component[];
  const state: ModelState = {
    objects: {},
    former: [],
    workloads: components.map((component) => ({
      component,
      replicas: pods[component] ?? 0,
      version: 1,
      restart: '',
      askedAt: undefined,
      takenUp: true,
      loadedFor: '',
      restarts: 0,
    })),
    pods: components.flatMap((component) =>
      Array.from({ length: pods[component] ?? 0 }, () => ({
        id: 0,
        container: 0,
        of: component,
        restart: '',
        askedAt: undefined,
        createdAt: -LONG_GAP,
        startedAt: undefined,
        readySince: undefined,
        ready: false,
        terminating: false,
        crashed: false,
        stuck: false,
        sees: {},
        behindSince: undefined,
        loaded: {},
        proof: {},
      })),
    ),
    source,
    age: 0,
    chances: {},
    look: undefined,
  };
  return {
    ...state,
    pods: state.pods.map((pod, id) => ({ ...pod, id })),
    workloads: state.workloads.map((workload) => ({
      ...workload,
      loadedFor: loadedForNow(workload.component, {}),
    })),
  };
};

/** Everything has been running for a while. */
const rested = (state: ModelState): ModelState => aged(aged(state, LONG_GAP), LONG_GAP);

export const startOf = async (scenario: Scenario): Promise<ModelState> => {
  const { pods, before, now, configured, chances } = scenario;
  const source = (of: { readonly client?: string; readonly serving?: string } | undefined) => ({
    client: of?.client ?? AWAY,
    serving: of?.serving ?? AWAY,
  });
  const empty = await settled(bare(pods, { client: AWAY, serving: AWAY }), 'client');
  const old =
    before === undefined
      ? empty
      : await settled({ ...rested(empty), source: source(before) }, scenario.configuredBefore ?? configured);
  const state = rested(old);
  return {
    ...state,
    source: source(now),
    chances,
    workloads: state.workloads.map((workload) => ({ ...workload, restarts: 0 })),
  };
};
