/**
 * How an installation gets from how it is to how it should be: what `migrate plan` writes and `migrate run` carries out. What was found before is
 * in `migration-findings.ts`.
 *
 * **Invariant:** plain data that can be written to a file as JSON or YAML as it is. No private key is in it: a key is named by the place it is
 * copied from when the object is made.
 */
import type { Fingerprint, KeyFingerprint } from './fingerprint.ts';
import type { KeyPlace, ObjectPlace } from './migration-findings.ts';
import type { Finding } from './plan.ts';
import type { Component } from './terms.ts';
import type { WorkloadRef } from './workload.ts';

/** JSON as it stands in a manifest. */
export type PlainJson =
  | null
  | boolean
  | number
  | string
  | readonly PlainJson[]
  | { readonly [key: string]: PlainJson };
export type PlainObject = { readonly [key: string]: PlainJson };

/**
 * How the root stays. `issuer`: a cert-manager CA Issuer issues below it. `vault`: it is imported into Vault's PKI, which issues below it. `trust-only`:
 * only its certificate is known, so the leafs that are there are kept as they are.
 */
export const ROOT_WAYS = ['issuer', 'vault', 'trust-only'] as const;
export type RootWay = (typeof ROOT_WAYS)[number];

export interface KeptRoot {
  readonly kept: RootWay;
  readonly fingerprint: Fingerprint;
  readonly subject: string;
  /** RFC 3339. */
  readonly notAfter: string;
  /** Where its certificate stands. */
  readonly from: KeyPlace;
  /** The CA whose key issues from now on: the root itself, or one below it. `undefined` for `trust-only`, and where its key is not here. */
  readonly issuing: Fingerprint | undefined;
  /** Where the private key of `issuing` stands. */
  readonly keyFrom: KeyPlace | undefined;
}

/**
 * Something that is put under one key of a made Secret when it is made; several with one `to` are put there one after the other. Of the value at `from` only the named certificate or key is taken, whatever
 * else stands there, in whatever wrapping; where that is not there any more, nothing is made. `migration/planning/copies.ts` does it.
 */
export interface CopiedValue {
  /** Key of the made Secret. */
  readonly to: string;
  readonly from: KeyPlace;
  readonly part:
    | { readonly kind: 'certificate'; readonly fingerprint: Fingerprint }
    | { readonly kind: 'private-key'; readonly keyFingerprint: KeyFingerprint };
}

/** An object that the migration makes. It is not there before; what is there is never changed. */
export interface MadeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The whole manifest; of a Secret without what `copies` puts into its data. */
  readonly manifest: PlainObject;
  readonly copies: readonly CopiedValue[];
  readonly why: string;
  /** Id of the step that makes it. */
  readonly step: string;
}

/** A change of a workload that moves it to the new Secret. Printed for the operator to apply; never applied by us. */
export interface WorkloadPatch {
  readonly component: Component;
  readonly workload: WorkloadRef;
  /** A strategic merge patch as YAML, for `kubectl patch --patch-file`. */
  readonly patch: string;
  /** The command that applies it, run where the plan was written to. */
  readonly command: string;
  readonly traffic: string;
  /** Id of the step in which it is applied. */
  readonly step: string;
}

/**
 * The steps that there are, in their order; a plan has those that it needs.
 *
 * `import-root`: the operator imports the root into Vault. `make`: `migrate run` makes {@link MigrationPlan.objects} and waits until they are ready.
 * `upgrade`: the operator upgrades Argo CD to 3.5 or later. `publish`: the new Secret is filled, beside what is mounted. `clients` and `repo-server`: the
 * operator applies the patches of those workloads. `settle`: ordered restarts, until the agent's plan has nothing left. `prove`: real calls.
 * `hand-over`: the agent runs with the configuration, and what is left over is listed.
 */
export const MIGRATION_STEPS = [
  'import-root',
  'make',
  'publish',
  'upgrade',
  'clients',
  'repo-server',
  'settle',
  'prove',
  'hand-over',
] as const;
export type MigrationStepId = (typeof MIGRATION_STEPS)[number];

export interface MigrationStep {
  readonly id: MigrationStepId;
  /** Who does it. */
  readonly by: 'migrate' | 'operator';
  readonly title: string;
  readonly does: string;
  readonly traffic: string;
  /** How it is taken back. */
  readonly undo: string;
  /** What has to be true before it. */
  readonly waitsFor: string;
}

/** What can go once everything is proved. Listed, never removed by us. */
export interface Removable {
  /** `Secret argocd/old-certs`. */
  readonly what: string;
  readonly why: string;
  /** `undefined` where no single command does it. */
  readonly command: string | undefined;
  readonly object: ObjectPlace | undefined;
}

export interface MigrationPlan {
  readonly version: 1;
  /** RFC 3339: when it was looked. */
  readonly at: string;
  readonly instance: {
    readonly name: string;
    readonly namespace: string;
    /** The new Secrets, beside those that are there; `servingSecret` is absent where the serving certificate stays as it is. */
    readonly mtlsSecret: string;
    readonly servingSecret: string | undefined;
  };
  /** `undefined` where a blocking problem keeps one from being chosen. */
  readonly root: KeptRoot | undefined;
  /** The agent's configuration document with this one instance; `undefined` where the plan is blocked. */
  readonly config: PlainObject | undefined;
  readonly objects: readonly MadeObject[];
  readonly patches: readonly WorkloadPatch[];
  /** For `vault`: commands and policies for whoever looks after Vault. No key is in them. */
  readonly instructions: readonly string[];
  readonly steps: readonly MigrationStep[];
  readonly removable: readonly Removable[];
  /** With one that is blocking there are no objects, patches and steps: nothing is half-done. */
  readonly problems: readonly Finding[];
}
