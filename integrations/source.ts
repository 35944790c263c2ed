/**
 * The interface that every source implements: where material comes from.
 *
 * **Invariant:** a source hands over text and says how sure it is; it judges nothing, writes nothing, and knows no layout and no plan.
 */
import type { SourceReading } from '../agent/model/material.ts';
import type { Clock, Cluster, WatchTarget } from '../agent/ports.ts';

export interface SourceContext {
  readonly cluster: Cluster;
  /** Namespace of the instance; names without a namespace are meant there. */
  readonly namespace: string;
  /** Stamps what a source asks for (a new issuance); what it reads bears the dates of the API. */
  readonly clock: Pick<Clock, 'now'>;
}

export interface Source {
  /** For people: `cert-manager Certificate argocd/repo-client`. */
  readonly describe: string;
  /** Reads once. Throws nothing: what goes wrong is one of the readings. */
  read(): Promise<SourceReading>;
  /** What to watch so that a change is noticed; a wake-up, not a fact. May grow with the first reading, which learns names. */
  readonly watches: readonly WatchTarget[];
  /**
   * Asks for a new leaf under the issuer's present CA, where the source can and the configuration allows it.
   * `undefined`: it can't or may not.
   */
  readonly reissue: ((why: string) => Promise<void>) | undefined;
  /** API rights that this source needs, for RBAC checks and documents. May grow with the first reading, which learns names. */
  readonly rights: readonly {
    readonly verb: string;
    readonly group: string;
    readonly resource: string;
    readonly name: string;
  }[];
}
