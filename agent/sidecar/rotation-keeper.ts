/**
 * Begins, shares and ends the rotation that this pod's steps belong to.
 *
 * **Invariant:** a step is never kept from being done for want of a note: where it can't be written, the step has no rotation, or its own.
 */
import { ApiError } from '../model/errors.ts';
import type { FinishedRotation, RotationRecord } from '../model/journal-record.ts';
import type { ChangeClass } from '../model/terms.ts';
import type { ApiView } from './ask-api.ts';
import { underTheSameCas } from './decision/leaf-permission.ts';
import { isStale } from './decision/restart.ts';
import { type Action, type Situation, sameBundle } from './decision/situation.ts';
import { trustGoal } from './decision/trust-goal.ts';
import type { Observed } from './observe.ts';
import { LINGERS, nextNote, type OwnPart, type RotationNote, readNote } from './rotation-note.ts';
import type { SidecarServices } from './services.ts';

const KEY = 'rotation';

export interface RotationListener {
  readonly onBegun: (rotation: RotationRecord, observed: Observed) => void;
  /** Settled when the root span was handed over, or could not be. */
  readonly onEnded: (rotation: FinishedRotation) => Promise<void>;
}

const changesTrust = (situation: Situation): boolean => {
  const goal = trustGoal(situation);
  return goal !== undefined && situation.written !== undefined && !sameBundle(goal, situation.written.trust);
};

const changesLeaf = ({ leaf, written }: Situation): boolean =>
  leaf?.state === 'ready' && written !== undefined && leaf.value !== written.leaf;

/** Something is left to do for this pod. The first files of a pod are no change. */
export const isBusy = (situation: Situation): boolean =>
  situation.written !== undefined &&
  (changesTrust(situation) || changesLeaf(situation) || isStale(situation));

const changeClassOf = (situation: Situation): ChangeClass => {
  const { component, leaf } = situation;
  const server = component === 'repo-server';
  const trust = changesTrust(situation);
  if (!changesLeaf(situation)) return server ? 'client-ca' : 'server-ca';
  if (trust) return 'both';
  if (server) return 'serving';
  return leaf?.state === 'ready' && underTheSameCas(situation, leaf.value) ? 'leaf' : 'client-ca';
};

export class RotationKeeper {
  readonly #services: SidecarServices;
  readonly #listener: RotationListener;
  /** Without the API, or while it is away: this pod's own. */
  #own: RotationNote | undefined;
  #ended: string | undefined;

  constructor(services: SidecarServices, listener: RotationListener) {
    this.#services = services;
    this.#listener = listener;
  }

  /** What steps belong to now. */
  get rotation(): RotationRecord | undefined {
    return this.#own?.rotation;
  }

  /** `noted`: the shared record was written, so that everything has to be looked at anew. */
  async keep(observed: Observed, action: Action): Promise<'noted' | 'unchanged'> {
    const { api, situation } = observed;
    if (situation.written === undefined) return 'unchanged';
    if (api.state !== 'known') {
      await this.#keepAlone(observed);
      return 'unchanged';
    }
    const note = readNote(api.stored?.data[KEY]);
    const part = this.#part(observed, action, api);
    const next = nextNote(note, part);
    this.#own = note;
    try {
      if (next?.closing === part.uid && next === note) return await this.#end(api, next);
      if (next === note) return 'unchanged';
      await this.#write(api, next);
    } catch (error) {
      // Lost, forbidden or unreachable: the step is more important than its trace.
      if (error instanceof ApiError) return error.reason === 'conflict' ? 'noted' : 'unchanged';
      throw error;
    }
    this.#own = next;
    if (note === undefined && next !== undefined) this.#listener.onBegun(next.rotation, observed);
    return 'noted';
  }

  /** One pod alone: its rotation ends as soon as it is done. */
  async #keepAlone(observed: Observed): Promise<void> {
    const { situation } = observed;
    if (isBusy(situation) && this.#own === undefined) {
      const rotation = this.#begin(observed);
      this.#own = { rotation, busy: [], changedAt: situation.at, closing: undefined };
      this.#listener.onBegun(rotation, observed);
    } else if (!isBusy(situation) && this.#own !== undefined && observed.api.state === 'none') {
      const { rotation } = this.#own;
      this.#own = undefined;
      await this.#listener.onEnded(this.#finished(rotation));
    }
  }

  #part({ situation, ...observed }: Observed, action: Action, { own, others }: ApiView): OwnPart {
    const { settings, clock } = this.#services;
    const live = new Set([own.uid, ...others.map(({ pod }) => pod.uid)]);
    const now = clock.now();
    return {
      uid: own.uid,
      work: isBusy(situation) ? 'busy' : 'idle',
      now,
      lingers: Math.max(LINGERS, 3 * settings.timing.poll),
      isLive: (uid) => live.has(uid),
      begin: () => this.#begin({ situation, ...observed }),
      restart:
        action.kind === 'evict'
          ? {
              workload: settings.component,
              component: settings.component,
              fingerprint: own.uid,
              attempt: 1,
              at: now,
            }
          : undefined,
    };
  }

  #begin({ situation, material }: Observed): RotationRecord {
    const { random, clock } = this.#services;
    const { written, leaf, trust } = situation;
    return {
      id: `s${random.hex(5)}`,
      changeClass: changeClassOf(situation),
      traceId: random.hex(16),
      rootSpanId: random.hex(8),
      startedAt: clock.now(),
      detectedAt: material.changedAt,
      source: material.source,
      from: {
        leafs: written?.leaf === undefined ? [] : [written.leaf],
        clientCa: situation.component === 'repo-server' ? (written?.trust ?? []) : [],
      },
      to: {
        leafs: leaf?.state === 'ready' ? [leaf.value] : [],
        clientCa: situation.component === 'repo-server' && trust?.state === 'ready' ? trust.value : [],
      },
      step: undefined,
      restarts: [],
      restartsAvoided: 0,
      callsAccepted: 0,
      callsRefused: 0,
      provedAt: undefined,
    };
  }

  #finished(rotation: RotationRecord): FinishedRotation {
    return {
      ...rotation,
      finishedAt: this.#services.clock.now(),
      result: 'succeeded',
      proof: 'not-taken',
    };
  }

  async #end(view: ApiView, { rotation }: RotationNote): Promise<'noted'> {
    if (this.#ended !== rotation.id) await this.#listener.onEnded(this.#finished(rotation));
    this.#ended = rotation.id;
    await this.#write(view, undefined);
    this.#own = undefined;
    return 'noted';
  }

  async #write({ stored }: ApiView, note: RotationNote | undefined): Promise<void> {
    const { api } = this.#services;
    // Pods tell what they hold first; a rotation of pods that have told nothing has nobody to share it.
    if (api === undefined || stored === undefined) return;
    const { [KEY]: _, ...rest } = stored.data;
    await api.cluster.applyConfigMap(
      {
        namespace: stored.namespace,
        name: stored.name,
        labels: stored.labels,
        annotations: stored.annotations,
        data: note === undefined ? rest : { ...rest, [KEY]: JSON.stringify(note) },
        ownership: 'refuse-conflicts',
      },
      { expect: 'version', uid: stored.uid, resourceVersion: stored.resourceVersion },
    );
  }
}
