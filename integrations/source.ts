/**
 * The interface that every source implements: where material comes from.
 *
 * **Invariant:** a source hands over text and says how sure it is; it judges nothing, knows no layout and no plan, and reading it writes nothing.
 */
import type { SourceReading, SourceRequest } from '../agent/model/material.ts';
import type { Duration } from '../agent/model/terms.ts';
import type { Clock, Cluster, Watched, WatchTarget } from '../agent/ports.ts';

export interface SourceContext {
  readonly cluster: Cluster;
  /** Namespace of the instance; names without a namespace are meant there. */
  readonly namespace: string;
  /** Stamps what a source asks for (a new issuance); what it reads bears the dates of the API. */
  readonly clock: Pick<Clock, 'now'>;
  /** What the leaf is for: a source that issues by itself asks for it. */
  readonly purpose: 'client' | 'serving';
  /** The Secret in which a source that issues by itself keeps a pair until it is published; nobody else's, and named in the Role. */
  readonly pendingSecret: string;
}

export interface Source {
  /** For people: `cert-manager Certificate argocd/repo-client`. */
  readonly describe: string;
  /** Reads once. Throws nothing: what goes wrong is one of the readings. */
  read(request: SourceRequest): Promise<SourceReading>;
  /** What to watch so that a change is noticed; a wake-up, not a fact. May grow with the first reading, which learns names. */
  readonly watches: readonly WatchTarget[];
  /** Watches what is no object of the API, likewise. Left out: there is nothing of that kind. */
  readonly watch?: ((onChange: () => void) => Watched) | undefined;
  /** How often it has to be asked again, where nothing can be watched; `undefined`: watches and the sweep are enough. */
  readonly poll: Duration | undefined;
  /**
   * Asks for a new leaf, or makes one, where the source can and the configuration allows it; one write to the cluster at most.
   * May be called again at any time. `undefined`: it can't or may not.
   * @throws ApiError, RotatorError
   */
  readonly issue: ((why: string, request: SourceRequest) => Promise<void>) | undefined;
  /** API rights that this source needs, for RBAC checks and documents. May grow with the first reading, which learns names. */
  readonly rights: readonly {
    readonly verb: string;
    readonly group: string;
    readonly resource: string;
    readonly name: string;
  }[];
}
