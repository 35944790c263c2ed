/**
 * SIGKILL at every write of a change: the process that goes on must come to the same end.
 *
 * **Invariant:** one installation serves all kills, one after the other, so that leftovers of one would show in the next.
 */
import { expect } from '@jest/globals';
import type { Happening } from '../../agent/model/happening.ts';
import type { JournalRecord } from '../../agent/model/journal-record.ts';
import type { InstanceSettings } from '../../agent/model/settings.ts';
import { HOUR, type Installation, Killed } from '../kit/installation/index.ts';
import { endedRotations, expectAtRest } from './finished.ts';

export type Phase = 'before' | 'after';

/** What shall be published: by key of the mTLS Secret, and of the serving Secret (`tls.crt`). */
export type Content = Readonly<Record<string, string | undefined>>;

export interface Change {
  /** Brings the change about. @returns what shall be published in the end. */
  readonly make: () => Content;
  readonly settings?: Partial<InstanceSettings>;
}

const identityOf = (happening: Happening): string | undefined => {
  if (!('rotation' in happening) || happening.rotation === undefined) return undefined;
  const { id, traceId, rootSpanId } = happening.rotation;
  return `${id} ${traceId} ${rootSpanId}`;
};

const journalOf = (installation: Installation): unknown => {
  const { names, namespace } = installation.settings;
  const object = installation.api.objects.get('ConfigMap', namespace, names.journalConfigMap);
  return JSON.parse((object?.data as { journal?: string } | undefined)?.journal ?? '{}');
};

/** How far the rotation is, by its journal: what an agent that starts anew goes on from. */
const progressOf = (installation: Installation): string => {
  const { rotation, closing } = journalOf(installation) as JournalRecord;
  if (closing !== undefined) return 'closing';
  return `${rotation?.step?.key ?? 'no step'} after ${rotation?.restarts.length ?? 0} restarts`;
};

const expectEnd = (installation: Installation, content: Content, since: number): void => {
  const { names } = installation.settings;
  const published = { ...installation.secret(names.servingSecret), ...installation.secret(names.mtlsSecret) };
  expect(Object.fromEntries(Object.keys(content).map((key) => [key, published[key]]))).toEqual(content);
  expect(installation.secret(names.previousSecret)).toBeUndefined();
  const journal = journalOf(installation) as Record<string, unknown>;
  expect([journal.rotation, journal.closing]).toEqual([undefined, undefined]);
  expect(installation.traffic.failed).toEqual([]);
  expect(installation.api.violations).toEqual([]);
  const told = installation.happenings.slice(since);
  expect(new Set(told.flatMap((happening) => identityOf(happening) ?? [])).size).toBe(1);
  const ended = endedRotations(installation).filter((happening) => told.includes(happening));
  expect(ended.length).toBeGreaterThan(0);
  expect(ended.at(-1)?.rotation.proof).toBe('taken');
};

/**
 * Each agent of this change dies at the first write at which none has died yet, until one gets through. (Not at the first at all: a
 * proof is in memory, and who dies right after each of its proofs gets nowhere.)
 *
 * A new process knows nothing but the cluster. So what follows on each death here is what would follow on that death alone, and all
 * deaths in a row show it for every write of a class in the time of one change.
 *
 * @returns how many died.
 */
export const killedAllAlong = async (
  installation: Installation,
  { make, settings }: Change,
  phase: Phase,
  restarts: Readonly<Record<string, number>>,
): Promise<number> => {
  const writes = installation.api.writes.length;
  const since = installation.happenings.length;
  const content = make();
  const deaths = new Set<string>();
  let made: string[] = [];
  installation.onWrite = (at, { resource, name }) => {
    if (at === 'before') made.push(`${resource} ${name}, ${progressOf(installation)}`);
    const place = `${made.at(-1)}, ${made.filter((one) => one === made.at(-1)).length}`;
    if (at !== phase || deaths.has(place)) return undefined;
    deaths.add(place);
    return 'kill';
  };
  const survives = async (): Promise<'yes' | 'no'> => {
    made = [];
    try {
      await installation.agent(settings).run();
      return 'yes';
    } catch (error) {
      if (error instanceof Killed) return 'no';
      throw error;
    }
  };
  while ((await survives()) === 'no') await installation.quiet();
  installation.onWrite = undefined;
  expectEnd(installation, content, since);
  expect(installation.restarts(writes)).toEqual(restarts);
  await expectAtRest(installation, settings);
  await installation.pass(2 * HOUR);
  return deaths.size;
};
