/**
 * One state of the model: everything that Kubernetes stores, everything that processes hold, and what the agent remembers.
 *
 * Instants are milliseconds from now, so that a state doesn't know when it is; certificates and bundles go by their names
 * (`identities.ts`). Plain values all through: a state is copied, compared and hashed as JSON.
 *
 * **Invariant:** the agent's port shows nothing of a process but what Kubernetes or a call would show.
 */
import type { ClientComponent, Component, Duration } from '../../agent/model/terms.ts';

/** Milliseconds from now; the past is negative. */
export type Ago = number;
/** Since before anything is remembered. */
export const FOREVER: Ago = -9e12;

/** Content by key; values are names. */
export type Data = Readonly<Record<string, string>>;

/** A Secret or ConfigMap. */
export interface StoredData {
  /** Counts writes; meaningful only in comparison with what a second agent saw. */
  readonly version: number;
  readonly uid: number;
  readonly createdAt: Ago;
  readonly writtenAt: Ago;
  readonly annotations: Data;
  readonly data: Data;
}

/** Content that was replaced a short time ago: what a kubelet may still show. */
export interface Former {
  readonly object: string;
  readonly data: Data;
  readonly until: Ago;
}

export interface ModelWorkload {
  readonly component: Component;
  readonly replicas: number;
  readonly version: number;
  /** The agent's two annotations on the template. */
  readonly restart: string;
  readonly askedAt: Ago | undefined;
  /** Whether the controller has seen the present template. */
  readonly takenUp: boolean;
  /** What its at-start files held when a restart was last asked for, or at first; for the rule about restarts. */
  readonly loadedFor: string;
  /** Restarts asked for since the source changed last. */
  readonly restarts: number;
}

/** What one credential was answered, and what the server presented. */
export interface Answered {
  readonly outcome: 'accepted' | 'certificate-required' | 'unknown-ca' | 'certificate-expired' | 'unknown';
  readonly presented: string;
}

export interface ModelPod {
  /** Tells pods apart; numbered anew in every state. */
  readonly id: number;
  /** Counts containers. */
  readonly container: number;
  readonly of: Component;
  readonly restart: string;
  readonly askedAt: Ago | undefined;
  readonly createdAt: Ago;
  /** As the node's clock recorded it; `undefined`: no container yet. */
  readonly startedAt: Ago | undefined;
  readonly readySince: Ago | undefined;
  readonly ready: boolean;
  readonly terminating: boolean;
  readonly crashed: boolean;
  /** Never gets ready, until somebody mends it. */
  readonly stuck: boolean;
  /** What its volumes show now. */
  readonly sees: Data;
  /** When that ceased to be what is published. */
  readonly behindSince: Ago | undefined;
  /** What the process read at its start. */
  readonly loaded: Data;
  /** What the agent remembers of calls to this container. */
  readonly proof: Readonly<Record<string, Answered>>;
}

/** How often each of the things that may happen by chance may still happen. */
export type Chances = Readonly<Record<string, number>>;

export interface ModelState {
  readonly objects: Readonly<Record<string, StoredData>>;
  readonly former: readonly Former[];
  readonly workloads: readonly ModelWorkload[];
  readonly pods: readonly ModelPod[];
  readonly source: { readonly client: string; readonly serving: string };
  /** Which of `AGES` it is. */
  readonly age: number;
  readonly chances: Chances;
  /** What a second agent has seen and not acted on yet, and for how many more events it may sleep on it. */
  readonly look: { readonly seen: Seen; readonly patience: number } | undefined;
}

/** The part of a state that a look takes in. */
export type Seen = Pick<ModelState, 'objects' | 'workloads' | 'pods' | 'source' | 'age'> & {
  /** How long ago it looked. */
  readonly since: Ago;
};

export interface Timing {
  readonly propagationWait: Duration;
  readonly mountMargin: Duration;
  readonly settle: Duration;
  readonly rolloutDeadline: Duration;
}

/** Short, since only their order counts. Every wait of the agent is shorter than a {@link LONG_GAP}. */
export const TIMING: Timing = {
  mountMargin: 2_000,
  propagationWait: 6_000,
  settle: 1_000,
  rolloutDeadline: 8_000,
};
/** Two instants further apart than this may as well be exactly this far apart: no comparison turns out differently. */
export const LONG_GAP: Duration = 9_000;

export const MTLS = 'argocd-repo-server-mtls';
export const SERVING = 'argocd-repo-server-tls';
export const PARAMS = 'argocd-cmd-params-cm';
export const PREVIOUS = 'argocd-mtls-rotator-previous';
export const JOURNAL = 'argocd-mtls-rotator-test';
export const NAMESPACE = 'argocd';

export const ABSENT = '-';

/** Which keys of which objects a component's processes open, from docs/argocd-facts.md. */
export const OPENED: Readonly<
  Record<'server' | 'client', readonly (readonly [object: string, key: string])[]>
> = {
  server: [
    [MTLS, 'client-ca.crt'],
    [SERVING, 'tls.crt'],
  ],
  client: [
    [MTLS, 'client.crt'],
    [MTLS, 'server-ca.crt'],
  ],
};

export const side = (component: Component): 'server' | 'client' =>
  component === 'repo-server' ? 'server' : 'client';

/** Key in `argocd-cmd-params-cm` of each client's CA path (docs/argocd-facts.md). */
export const CA_PATH_KEY: Readonly<Record<ClientComponent, string>> = {
  server: 'server.repo.server.ca.cert.path',
  'application-controller': 'controller.repo.server.ca.cert.path',
  'applicationset-controller': 'applicationsetcontroller.repo.server.ca.cert.path',
  'notifications-controller': 'notificationscontroller.repo.server.ca.cert.path',
};

/** What is published under a key; {@link ABSENT} where nothing is. */
export const contentOf = (objects: ModelState['objects'], object: string, key: string): string =>
  objects[object]?.data[key] ?? ABSENT;
