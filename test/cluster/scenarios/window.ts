/**
 * One change under traffic: calls metered for every client pod, Applications hard-refreshed all along, restarts counted by generations.
 */
import type { Api, KubeObject } from '../harness/api.ts';
import { applicationPath, hardRefresh } from '../harness/applications.ts';
import { closeWindow, type MeterSummary, metersEveryClient, openWindow } from '../harness/meter.ts';
import { sleep, until } from '../harness/wait.ts';

const WORKLOADS = [
  'deployments/argocd-repo-server',
  'deployments/argocd-server',
  'statefulsets/argocd-application-controller',
  'deployments/argocd-applicationset-controller',
  'deployments/argocd-notifications-controller',
] as const;

/** Seconds until a hard refresh counts as slow: a controller that is being restarted takes that long. */
const PATIENCE = 25;

export interface Row {
  readonly change: string;
  readonly namespace: string;
  readonly seconds: number;
  readonly traffic: MeterSummary;
  readonly refreshes: number;
  /** Refreshes that did not come back in time: the controller itself was being restarted. */
  readonly slow: number;
  readonly comparisonErrors: readonly string[];
  readonly restarts: Readonly<Record<string, number>>;
}

const generations = async (api: Api, namespace: string): Promise<Record<string, number>> =>
  Object.fromEntries(
    await Promise.all(
      WORKLOADS.map(async (workload) => {
        const object = await api.get<KubeObject>(`/apis/apps/v1/namespaces/${namespace}/${workload}`);
        return [workload.replace(/^.*\/argocd-/, ''), object.metadata.generation ?? 0] as const;
      }),
    ),
  );

interface Refreshing {
  count: number;
  slow: number;
  readonly errors: string[];
  stop(): Promise<void>;
}

/** How the calls of one change are counted. */
export interface Traffic {
  begin(namespace: string): Promise<void>;
  end(namespace: string): Promise<MeterSummary>;
}

/** The meter's window is this change's alone. */
const ownWindow: Traffic = { begin: openWindow, end: closeWindow };

const refreshAll = (
  api: Api,
  namespace: string,
  applications: readonly string[],
  pauseMs: number,
): Refreshing => {
  let stopped = false;
  const seen = { count: 0, slow: 0, errors: [] as string[] };
  const loops = applications.map(async (application) => {
    while (!stopped) {
      try {
        const { comparisonError } = await hardRefresh(api, namespace, application, PATIENCE);
        seen.count += 1;
        if (comparisonError !== undefined) seen.errors.push(comparisonError);
        if (pauseMs > 0) await sleep(pauseMs);
      } catch {
        seen.slow += 1;
        // Asked for in the middle of a reconciliation, a refresh is lost until the annotation changes again.
        await api.merge(applicationPath(namespace, application), {
          metadata: { annotations: { 'argocd.argoproj.io/refresh': null } },
        });
      }
    }
  });
  return Object.assign(seen, {
    stop: async () => {
      stopped = true;
      await Promise.all(loops);
    },
  });
};

/** As long as a call may take (the meter's time-out) and a little longer: what hung at the beginning has failed by the end. */
const LOOK_MS = 12_000;

/**
 * Waits for a while without a failed call, so that what a preparation did to the pods (a rollout without preStop leaves calls that hang
 * for seconds) isn't counted against the change that is measured next.
 */
export const cleanTraffic = async (api: Api, namespace: string): Promise<void> => {
  await metersEveryClient(api, namespace, 60);
  await until(`calls of ${namespace} without a failure`, 180, async () => {
    await openWindow(namespace);
    await sleep(LOOK_MS);
    const { calls, ok } = await closeWindow();
    if (calls === 0 || ok < calls) throw new Error(`${calls - ok} of ${calls} calls failed`);
    return true;
  });
};

/** @param refreshes how many hard refreshes must have gone through before the window closes */
export const measure = async (
  api: Api,
  options: {
    readonly change: string;
    readonly namespace: string;
    readonly applications: readonly string[];
    readonly refreshes: number;
    /** Between two refreshes of one Application; without it they follow each other at once. */
    readonly pauseMs?: number;
    /** Where instances are measured at the same time, the meter's one window is theirs together. */
    readonly traffic?: Traffic;
  },
  work: () => Promise<void>,
): Promise<Row> => {
  const { change, namespace, applications, pauseMs = 0, traffic: counted = ownWindow } = options;
  await metersEveryClient(api, namespace, 60);
  const before = await generations(api, namespace);
  const began = performance.now();
  await counted.begin(namespace);
  const refreshing = refreshAll(api, namespace, applications, pauseMs);
  try {
    await work();
    const patience = Date.now() + 240_000;
    while (refreshing.count < options.refreshes && Date.now() < patience) {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  } finally {
    await refreshing.stop();
  }
  const traffic = await counted.end(namespace);
  const after = await generations(api, namespace);
  const restarts = Object.fromEntries(
    Object.entries(after)
      .map(([name, generation]) => [name, generation - (before[name] ?? 0)] as const)
      .filter(([, times]) => times > 0),
  );
  return {
    change,
    namespace,
    seconds: (performance.now() - began) / 1000,
    traffic,
    refreshes: refreshing.count,
    slow: refreshing.slow,
    comparisonErrors: refreshing.errors,
    restarts,
  };
};
