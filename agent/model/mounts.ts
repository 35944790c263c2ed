/**
 * What a pod template really gives to Argo CD, as read by `argocd/template.ts`. Assumed nowhere.
 */
import type { EnvVar } from './workload.ts';

/** Where one file that Argo CD opens comes from. */
export type FileOrigin =
  /** `refresh: 'never'` for subPath mounts: the kubelet does not update those. */
  | {
      readonly from: 'secret';
      readonly secret: string;
      readonly key: string;
      readonly optional: boolean;
      readonly refresh: 'kubelet' | 'never';
    }
  | {
      readonly from: 'config-map';
      readonly configMap: string;
      readonly key: string;
      readonly refresh: 'kubelet' | 'never';
    }
  /** Something mounts that path, but from where the agent can't publish to (emptyDir, CSI, hostPath). */
  | { readonly from: 'foreign'; readonly volume: string; readonly kind: string }
  /** The path's volume exists but its items leave this file out. */
  | { readonly from: 'not-projected'; readonly secret: string; readonly path: string }
  | { readonly from: 'nowhere'; readonly path: string };

/** A setting that a container takes from its environment or arguments at start. */
export type Setting =
  | { readonly from: 'argument'; readonly value: string }
  | { readonly from: 'env'; readonly value: string; readonly env: EnvVar }
  | {
      readonly from: 'config-map';
      readonly configMap: string;
      readonly key: string;
      /** Today's value; a running container has that of its start. */
      readonly value: string | undefined;
      readonly env: EnvVar;
    }
  | { readonly from: 'default'; readonly value: string };

export interface RepoServerMounts {
  readonly role: 'repo-server';
  readonly clientCaPath: Setting;
  readonly clientCa: FileOrigin;
  readonly servingCertificate: FileOrigin;
  readonly servingKey: FileOrigin;
  readonly tlsDisabled: boolean;
  /** gRPC port the container listens on. */
  readonly port: number;
}

export interface ClientMounts {
  readonly role: 'client';
  readonly certificate: FileOrigin;
  readonly key: FileOrigin;
  readonly serverCa: FileOrigin;
  /** `*.repo.server.ca.cert.path`: empty means the server is not verified. */
  readonly serverCaPath: Setting;
  readonly strictTls: boolean;
  readonly plaintext: boolean;
  /** `host:port` that this component dials. */
  readonly repoServerAddress: string;
}

export type ComponentMounts = RepoServerMounts | ClientMounts;
