/**
 * The traffic meter (parts/argocd/meter): calls to repo-server for every client pod, counted in windows.
 * It follows pods from its start on, because what a component loads once must be seen when its container starts:
 * start it with the cluster, open a window when it matters.
 */
import { readFileSync } from 'node:fs';
import type { Api } from './api.ts';
import { bindUser } from './coredns.ts';
import { daemonReady, isRunning, startDaemon, stopDaemon } from './daemon.ts';
import { kubeconfigOf } from './identities.ts';
import { program } from './parts.ts';
import { ports, state } from './settings.ts';
import { until } from './wait.ts';

export interface Counts {
  readonly calls: number;
  readonly ok: number;
  readonly failedByTls: number;
  readonly failedByConnection: number;
  readonly failedOtherwise: number;
}

export interface MeterSummary extends Counts {
  readonly seconds: number;
  readonly failedSpanSeconds: number;
  readonly firstFailure?: string;
  readonly lastFailure?: string;
  readonly pods: Readonly<Record<string, Counts>>;
  /** How often each error was seen. */
  readonly errors: Readonly<Record<string, number>>;
}

export interface MeterTarget {
  readonly namespace: string;
  readonly component: string;
  readonly pod: string;
  readonly container: string;
  readonly pid: number;
  readonly address: string;
  readonly verifies: boolean;
  readonly problem?: string;
}

export interface MeteredCall {
  readonly time: string;
  readonly namespace: string;
  readonly component: string;
  readonly pod: string;
  readonly remote: string;
  readonly target?: string;
  readonly ok: boolean;
  readonly class: 'ok' | 'tls' | 'connection' | 'other';
  readonly error?: string;
  readonly millis: number;
}

const control = `http://127.0.0.1:${ports.meter}`;
const callsFile = (): string => state('calls.jsonl');

export async function startMeter(api: Api, namespaces: readonly string[]): Promise<void> {
  if (isRunning('meter')) await stopDaemon('meter');
  await api.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'meter' },
    rules: [{ apiGroups: [''], resources: ['pods', 'services'], verbs: ['get', 'list'] }],
  });
  await bindUser(api, 'meter', 'meter');
  startDaemon({
    name: 'meter',
    command: await program('meter'),
    args: [
      `--kubeconfig=${kubeconfigOf('meter')}`,
      `--namespaces=${namespaces.join(',')}`,
      `--listen=127.0.0.1:${ports.meter}`,
      `--calls=${callsFile()}`,
    ],
  });
  await daemonReady('meter', 15, async () => (await fetch(`${control}/ready`)).ok);
}

/** Opens a window: counters to zero, calls for the pods of one namespace (of all, where none is named) every 200 ms. */
export async function openWindow(namespace = ''): Promise<void> {
  await ask('POST', `/start?namespace=${namespace}`);
}

export const closeWindow = (): Promise<MeterSummary> => ask('POST', '/stop');

export const windowSoFar = (): Promise<MeterSummary> => ask('GET', '/summary');

export const meterTargets = (): Promise<MeterTarget[]> => ask('GET', '/targets');

/** Every client container of the namespace that runs is followed: before, a window would be of some only. */
export async function metersEveryClient(api: Api, namespace: string, seconds = 30): Promise<void> {
  const clients =
    'app.kubernetes.io/name in (argocd-server,argocd-application-controller,argocd-applicationset-controller,argocd-notifications-controller)';
  await until(`the meter to follow every client of ${namespace}`, seconds, async () => {
    const pods = await api.list<{ metadata: { name: string; deletionTimestamp?: string } }>(
      `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(clients)}`,
    );
    const followed = new Set((await meterTargets()).map((target) => `${target.namespace}/${target.pod}`));
    const missing = pods
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .filter(({ metadata }) => !followed.has(`${namespace}/${metadata.name}`));
    if (missing.length > 0)
      throw new Error(`not followed: ${missing.map((pod) => pod.metadata.name).join(', ')}`);
    return true;
  });
}

/** Each call since the cluster's start; `since` to look at one window's. */
export function meteredCalls(since?: Date): MeteredCall[] {
  return readFileSync(callsFile(), 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as MeteredCall)
    .filter((call) => since === undefined || new Date(call.time) >= since);
}

async function ask<T>(method: string, path: string): Promise<T> {
  const answer = await fetch(`${control}${path}`, { method });
  if (!answer.ok) throw new Error(`meter: ${method} ${path}: ${answer.status}`);
  return (await answer.json()) as T;
}
