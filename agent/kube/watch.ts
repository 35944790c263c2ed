/**
 * Watches that only wake the agent, and that never stay down.
 *
 * **Invariant:** no object body is held, and for one named object none is sent: metadata alone is asked for
 * (`PartialObjectMetadata`), so a watch on a Secret carries no key.
 */

import { ApiError } from '../model/errors.ts';
import type { Clock, Random, Watched, WatchTarget } from '../ports.ts';
import { type ApiCall, type KubeClient, nameOf } from './client.ts';
import { errorFromAnswer } from './errors.ts';
import { asObject, numberAt, objectAt, optionalTextAt, parseJson, textAt } from './json.ts';
import { linesOf } from './lines.ts';
import { labelSelector } from './read.ts';
import { EARLIER, RESOURCES, type ResourceKind, type ResourceType } from './resources.ts';
import { backoff, jittered } from './retry.ts';

const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

/** The server ends a watch after this time; ours resumes it. Seconds. */
const SERVER_TIMEOUT = 240;
/** A stream that is silent for so long (bookmarks come each minute) is taken for dead. Milliseconds. */
const SILENCE = 150_000;
/** A connection that stood for so long was a good one, whether anything was said on it or not. Milliseconds. */
const GOOD = 10_000;
const DELAYS = { first: 500, longest: 30_000 };

const watchCall = (
  target: WatchTarget,
  type: ResourceType,
  resourceVersion: string | undefined,
): ApiCall => ({
  verb: 'watch',
  type,
  namespace: target.namespace,
  accept: METADATA_ONLY,
  query: {
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(SERVER_TIMEOUT),
    ...('name' in target ? { fieldSelector: `metadata.name=${target.name}` } : {}),
    ...('labels' in target ? { labelSelector: labelSelector(target.labels) } : {}),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  },
});

const otherVersion = (kind: ResourceKind, present: ResourceType): ResourceType =>
  present === RESOURCES[kind] ? (EARLIER[kind] ?? present) : RESOURCES[kind];

export interface WatchTools {
  readonly clock: Clock;
  readonly random: Random;
  /** Told of each failure, for a debug log; never of a body. */
  readonly onTrouble?: (target: WatchTarget, error: unknown) => void;
}

/**
 * Calls `onChange` after every (re)connect and for each change.
 *
 * A watch without resourceVersion begins with the present objects, so no list is needed to begin with, nor to begin again after a 410.
 */
export const startWatch = (
  client: KubeClient,
  target: WatchTarget,
  onChange: () => void,
  tools: WatchTools,
): Watched => {
  let stopped = false;
  let abort = new AbortController();
  let wakeUp: (() => void) | undefined;
  /** Where to resume; `undefined`: from the present state. */
  let resourceVersion: string | undefined;
  /** As the server knows the kind: the other version is tried where it doesn't know this one. */
  let type: ResourceType = RESOURCES[target.kind];
  /** Connections in a row that ended soon without saying anything. */
  let failures = 0;

  const onLine = (call: ApiCall, line: string): void => {
    const event = asObject(parseJson(line));
    const object = objectAt(event, 'object');
    const kind = textAt(event, 'type');
    if (kind === 'ERROR') {
      throw errorFromAnswer(nameOf(call), {
        status: numberAt(object, 'code', 500),
        retryAfter: undefined,
        body: JSON.stringify(object),
      });
    }
    failures = 0;
    resourceVersion = optionalTextAt(objectAt(object, 'metadata'), 'resourceVersion') ?? resourceVersion;
    if (kind !== 'BOOKMARK') onChange();
  };

  const connection = async (): Promise<void> => {
    abort = new AbortController();
    const mine = abort;
    const silence = (): (() => void) => tools.clock.after(SILENCE, () => mine.abort());
    let cancelSilence = silence();
    try {
      const call = watchCall(target, type, resourceVersion);
      const stream = await client.open(call, mine.signal);
      if (stopped) return;
      onChange();
      for await (const line of linesOf(stream)) {
        cancelSilence();
        if (stopped) return;
        cancelSilence = silence();
        onLine(call, line);
      }
    } finally {
      cancelSilence();
      mine.abort();
    }
  };

  const pause = (delay: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = tools.clock.after(delay, resolve);
      wakeUp = () => {
        cancel();
        resolve();
      };
    });

  const run = async (): Promise<void> => {
    while (!stopped) {
      failures += 1;
      const since = tools.clock.now();
      let askedFor: number | undefined;
      try {
        await connection();
      } catch (error) {
        if (stopped) return;
        tools.onTrouble?.(target, error);
        if (error instanceof ApiError) {
          if (error.reason === 'gone' || error.reason === 'invalid') resourceVersion = undefined;
          if (error.reason === 'not-found') type = otherVersion(target.kind, type);
          askedFor = error.retryAfter;
        }
      }
      if (stopped) return;
      if (tools.clock.now() - since > GOOD) failures = 0;
      await pause(Math.max(askedFor ?? 0, jittered(backoff(DELAYS, Math.max(1, failures)), tools.random)));
    }
  };

  void run();
  return {
    stop: () => {
      stopped = true;
      abort.abort();
      wakeUp?.();
    },
  };
};
