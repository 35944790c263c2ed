/**
 * Does what was decided: one write, to the directories or to the API.
 *
 * **Invariant:** every write to the API is bound to what was observed; lost, it is no trouble but news. Every write can be repeated.
 */
import { ApiError, RotatorError } from '../model/errors.ts';
import type { Fingerprint } from '../model/fingerprint.ts';
import type { Leaf } from '../model/material.ts';
import { ANNOTATION } from '../model/product.ts';
import type { SidecarHold } from '../model/sidecar-hold.ts';
import type { Precondition } from '../model/stored.ts';
import type { ApiView } from './ask-api.ts';
import { type Action, sameBundle } from './decision/situation.ts';
import { clearLeftovers, writeSet } from './files/write-set.ts';
import { NO_HISTORY, writeHistory } from './history.ts';
import type { Observed } from './observe.ts';
import { filesFor } from './output.ts';
import { recordOf, stillNeeded, writeRecord } from './record.ts';
import { leaseName, type SidecarApi, type SidecarServices } from './services.ts';

export type Outcome =
  | { readonly result: 'done' }
  /** Somebody else wrote in between. */
  | { readonly result: 'lost' }
  | { readonly result: 'held'; readonly hold: SidecarHold };

const DONE: Outcome = { result: 'done' };

const defect = (what: string): RotatorError =>
  new RotatorError('broken', {
    what,
    effect: 'Nothing was written; what was written before stays in use.',
    next: 'Report this as a defect.',
  });

/** The leaf with its key: the source's, or the one that is written. */
const leafBy = ({ material, outputs }: Observed, wanted: Fingerprint): Leaf => {
  const candidates = [
    ...(material.leaf?.state === 'ready' ? [material.leaf.value.leaf] : []),
    ...outputs.flatMap(({ written }) => written?.leaf ?? []),
  ];
  const found = candidates.find(({ certificate }) => certificate.fingerprint === wanted);
  if (found === undefined) throw defect('The leaf that was decided on is not there any more.');
  return found;
};

const writeFiles = async (
  { files, random, settings, clock }: SidecarServices,
  observed: Observed,
  action: Extract<Action, { kind: 'write' }>,
): Promise<void> => {
  const { known, outputs } = observed;
  const trust = known.members(action.trust ?? []);
  if (trust.length !== (action.trust ?? []).length) throw defect('A CA that was decided on is not known.');
  for (const { output, written } of outputs) {
    const leaf =
      output.leaf === undefined || action.leaf === undefined ? undefined : leafBy(observed, action.leaf);
    const cas = output.trust === undefined ? [] : trust;
    const bundle = cas.map(({ fingerprint }) => fingerprint);
    const same =
      written !== undefined &&
      written.leaf?.certificate.fingerprint === leaf?.certificate.fingerprint &&
      sameBundle(
        written.trust.map(({ fingerprint }) => fingerprint),
        bundle,
      );
    if (same) continue;
    const at = clock.now();
    const history = writeHistory(
      written?.history ?? NO_HISTORY,
      { since: at, trust: bundle, leaf: leaf?.certificate.fingerprint },
      known,
    );
    await writeSet(output.directory, filesFor(output, { trust: cas, leaf }, history), settings.files, at, {
      files,
      random,
    });
  }
};

const bound = (
  stored: { readonly uid: string; readonly resourceVersion: string } | undefined,
): Precondition =>
  stored === undefined
    ? { expect: 'absent' }
    : { expect: 'version', uid: stored.uid, resourceVersion: stored.resourceVersion };

const tell = async (
  { settings, clock }: SidecarServices,
  { cluster, namespace }: SidecarApi,
  { known }: Observed,
  view: ApiView,
  action: Extract<Action, { kind: 'tell' }>,
): Promise<void> => {
  const { stored, record, own, others } = view;
  const live = new Set([own.uid, ...others.map(({ pod }) => pod.uid)]);
  const mine = recordOf(own.name, settings.component, action.holdings, known, clock.now());
  const pods = stillNeeded(new Map([...record.pods, [own.uid, mine]]), (uid) => live.has(uid));
  await cluster.applyConfigMap(
    {
      namespace,
      name: settings.names.record,
      labels: stored?.labels ?? {},
      annotations: stored?.annotations ?? {},
      data: writeRecord(stored?.data ?? {}, { pods }, known),
      ownership: 'refuse-conflicts',
    },
    bound(stored),
  );
};

const writeTurn = async (
  { settings, clock }: SidecarServices,
  { leases, namespace }: SidecarApi,
  { own, others, lease }: ApiView,
  change: 'take' | 'give-back',
): Promise<void> => {
  const now = clock.now();
  const replicas = others
    .filter(({ pod, component }) => component === settings.component && !pod.terminating)
    .map(({ pod }) => pod.uid);
  await leases.writeLease(
    {
      namespace,
      name: leaseName(settings),
      holder: change === 'take' ? own.uid : undefined,
      duration: settings.timing.turnDeadline,
      acquiredAt: now,
      renewedAt: now,
      transitions: (lease?.transitions ?? 0) + (change === 'take' ? 1 : 0),
      annotations: change === 'take' ? { [ANNOTATION.replicas]: [own.uid, ...replicas].join(',') } : {},
    },
    lease,
  );
};

const blocked = (error: ApiError): SidecarHold => ({
  code: 'restart-blocked',
  what: `This pod may not be evicted now: ${error.what}`,
  effect: 'Nothing is interrupted: old and new work side by side meanwhile.',
  next: 'Nothing, if more replicas are about to become Ready. A budget that never allows it (`maxUnavailable: 0`, one replica) needs a restart by hand.',
});

const evict = async ({ cluster, namespace }: SidecarApi, { own }: ApiView): Promise<Outcome> => {
  try {
    await cluster.evict(namespace, own.name, own.uid);
    return DONE;
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'too-many-requests')
      return { result: 'held', hold: blocked(error) };
    throw error;
  }
};

const onApi = async (
  services: SidecarServices,
  observed: Observed,
  action: Exclude<Action, { kind: 'write' }>,
): Promise<Outcome> => {
  const { api } = services;
  const view = observed.api;
  if (api === undefined || view.state !== 'known')
    throw defect(`${action.kind} was decided on without the API.`);
  switch (action.kind) {
    case 'tell':
      await tell(services, api, observed, view, action);
      return DONE;
    case 'take-turn':
      await writeTurn(services, api, view, 'take');
      return DONE;
    case 'give-turn-back':
      await writeTurn(services, api, view, 'give-back');
      return DONE;
    case 'evict':
      return await evict(api, view);
    default:
      return DONE;
  }
};

/** @throws RotatorError, ApiError; nothing is half-done then */
export const perform = async (
  services: SidecarServices,
  observed: Observed,
  action: Action,
): Promise<Outcome> => {
  try {
    if (action.kind !== 'write') return await onApi(services, observed, action);
    await writeFiles(services, observed, action);
    return DONE;
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'conflict') return { result: 'lost' };
    throw error;
  }
};

/** Takes away what crashed writes left, and the sets before the present ones. @throws RotatorError */
export const clearDirectories = async (
  { files }: Pick<SidecarServices, 'files'>,
  { outputs }: Pick<Observed, 'outputs'>,
): Promise<void> => {
  for (const { output } of outputs) await clearLeftovers(output.directory, files);
};
