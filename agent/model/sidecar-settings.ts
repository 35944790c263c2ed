/**
 * What one sidecar is told: whose it is, where certificates come from, where files go, and what it may ask of the API.
 */
import type { Component, Duration } from './terms.ts';

/** A pair in a mounted directory, with the CAs that vouch for it. Names left out: the usual ones are looked for. */
export interface PairDirectory {
  readonly directory: string;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly ca: string | undefined;
}

/** CAs in one file of a mounted directory. */
export interface CaDirectory {
  readonly directory: string;
  readonly ca: string;
}

/** Whether the sidecar may use the API, to know what other pods hold. */
export const API_USES = ['record', 'none'] as const;
export type ApiUse = (typeof API_USES)[number];

/** Who restarts the pod where something that is read at start has changed. */
export const RESTART_WAYS = ['evict', 'never'] as const;
export type RestartWay = (typeof RESTART_WAYS)[number];

export interface SidecarSettings {
  /** The installation's name, on spans, metrics and log lines. */
  readonly instance: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly component: Component;
  readonly sources: {
    /** repo-server: CAs that vouch for clients, their union. */
    readonly clientCa: readonly CaDirectory[];
    /** repo-server: its own pair. */
    readonly serving: PairDirectory | undefined;
    /** A client: its pair. */
    readonly client: PairDirectory | undefined;
    /** A client that verifies repo-server: CAs that vouch for it. */
    readonly serverCa: CaDirectory | undefined;
  };
  readonly output: {
    /** Where Argo CD reads client certificates and trust. */
    readonly mtls: string;
    /** Where repo-server reads its own pair. */
    readonly serving: string;
  };
  readonly files: {
    /** Permission bits of every file. */
    readonly mode: number;
    /** Numeric ids; `undefined`: as the directory has it. */
    readonly owner: number | undefined;
    readonly group: number | undefined;
  };
  /** Names, without port, that clients dial. */
  readonly dialledNames: readonly string[];
  readonly api: ApiUse;
  readonly restart: RestartWay;
  readonly names: {
    /** The shared record, a ConfigMap. */
    readonly record: string;
    /** Beginning of the names of the Leases by which replicas take turns. */
    readonly lease: string;
  };
  readonly timing: {
    /** How long a first start waits for the API, or for a leaf to be trusted everywhere. */
    readonly startWait: Duration;
    /** How long files must have stayed as they are before a restart is asked for, and between two turns. */
    readonly settle: Duration;
    /** How often everything is looked at again. */
    readonly poll: Duration;
    /** After this a turn that was taken and not finished may be taken by another pod. */
    readonly turnDeadline: Duration;
  };
  readonly http: { readonly host: string; readonly port: number };
}
