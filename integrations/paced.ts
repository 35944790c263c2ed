/**
 * A source that issues, held to a pace: whatever it finds, it isn't asked to issue again and again.
 *
 * Clocks that differ by days, an issuer whose lifetimes are cut to nothing, or a role that refuses would otherwise have a new leaf asked
 * for with every look.
 *
 * **Invariant:** what is due is put off, never forgotten; the source itself says again that it is due.
 */
import type { SourceReading, SourceRequest } from '../agent/model/material.ts';
import type { Duration, Instant } from '../agent/model/terms.ts';
import type { Clock } from '../agent/ports.ts';
import type { Source } from './source.ts';

/** From one try to the next; doubles with each. */
const FIRST_PAUSE: Duration = 30_000;
const LONGEST_PAUSE: Duration = 3_600_000;
/** After this long with nothing due, the next try is a first one again. */
const QUIET: Duration = 600_000;

/** The same source, with its `issue` paced; itself where it has none. */
export const paced = (source: Source, clock: Pick<Clock, 'now'>): Source => {
  const { issue } = source;
  if (issue === undefined) return source;
  let tries = 0;
  let lastTry: Instant = Number.NEGATIVE_INFINITY;
  const pause = (): Duration => Math.min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE);
  return {
    describe: source.describe,
    poll: source.poll,
    watch: source.watch?.bind(source),
    get watches() {
      return source.watches;
    },
    get rights() {
      return source.rights;
    },
    read: async (request: SourceRequest): Promise<SourceReading> => {
      const reading = await source.read(request);
      const since = clock.now() - lastTry;
      if ((reading.state !== 'ready' && reading.state !== 'waiting') || reading.due === undefined) {
        if (since > QUIET) tries = 0;
        return reading;
      }
      return tries > 0 && since < pause() ? { ...reading, due: undefined } : reading;
    },
    issue: async (why: string, request: SourceRequest): Promise<void> => {
      tries += 1;
      lastTry = clock.now();
      await issue.call(source, why, request);
    },
  };
};
