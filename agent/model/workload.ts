/**
 * Kubernetes objects reduced to what decisions need. `kube/` makes them from API answers; the rest of the agent sees no client type.
 */
import type { Instant } from './terms.ts';

export interface WorkloadRef {
  readonly kind: 'Deployment' | 'StatefulSet';
  readonly namespace: string;
  readonly name: string;
}

export type UpdateStrategy =
  | { readonly type: 'RollingUpdate'; readonly partition: number }
  | { readonly type: 'Recreate' }
  | { readonly type: 'OnDelete' };

export interface EnvVar {
  readonly name: string;
  /** Literal value; `undefined` where it comes from elsewhere. */
  readonly value: string | undefined;
  readonly configMapKey:
    | { readonly configMap: string; readonly key: string; readonly optional: boolean }
    | undefined;
}

export interface VolumeMount {
  readonly volume: string;
  readonly path: string;
  readonly subPath: string | undefined;
  readonly readOnly: boolean;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly EnvVar[];
  readonly mounts: readonly VolumeMount[];
  /** Seconds of `lifecycle.preStop.sleep`; `undefined` where there is none, `'exec'` for another kind of hook. */
  readonly preStop: number | 'exec' | undefined;
}

/** Key of a Secret or ConfigMap → file name below the mount. `undefined`: every key under its own name. */
export type Items = readonly { readonly key: string; readonly path: string }[] | undefined;

export type VolumeSource =
  | { readonly type: 'secret'; readonly name: string; readonly items: Items; readonly optional: boolean }
  | { readonly type: 'configMap'; readonly name: string; readonly items: Items; readonly optional: boolean }
  | { readonly type: 'projected'; readonly sources: readonly Exclude<VolumeSource, { type: 'projected' }>[] }
  | { readonly type: 'other'; readonly kind: string };

export interface Volume {
  readonly name: string;
  readonly source: VolumeSource;
}

export interface PodTemplate {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly serviceAccount: string | undefined;
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
}

export interface Workload {
  readonly ref: WorkloadRef;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Who made it and keeps it as it wants it; left out where nobody does. */
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[] | undefined;
  /** matchLabels of the selector; matchExpressions are not used by any Argo CD manifest. */
  readonly selector: Readonly<Record<string, string>>;
  readonly replicas: number;
  readonly paused: boolean;
  readonly strategy: UpdateStrategy;
  readonly template: PodTemplate;
  readonly status: {
    readonly observedGeneration: number;
    readonly replicas: number;
    readonly updatedReplicas: number;
    readonly readyReplicas: number;
    readonly availableReplicas: number;
    /** StatefulSet only. */
    readonly currentRevision: string | undefined;
    readonly updateRevision: string | undefined;
    /** Deployment only: reason of a Progressing condition that is False (`ProgressDeadlineExceeded`). */
    readonly stalled: string | undefined;
  };
}

export interface ContainerStatus {
  readonly name: string;
  /** Runtime id; a new one is a new process. Empty while the container waits. */
  readonly id: string;
  readonly startedAt: Instant | undefined;
  readonly ready: boolean;
  readonly restartCount: number;
  /** Reason of a waiting state: `ImagePullBackOff`, `CrashLoopBackOff`, `ContainerCreating`, … */
  readonly waiting: string | undefined;
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly createdAt: Instant;
  /** When the kubelet took the pod on (`status.startTime`): mounts are made after this. */
  readonly startedAt: Instant | undefined;
  readonly ip: string | undefined;
  readonly phase: string;
  readonly ready: boolean;
  readonly readySince: Instant | undefined;
  /** True from the moment a deletion timestamp is set until the object is gone: such a pod may still answer. */
  readonly terminating: boolean;
  readonly node: string | undefined;
  readonly containers: readonly ContainerStatus[];
  /** The pod's own spec: what this pod really has, which a later template may not. */
  readonly spec: PodTemplate;
}
