/**
 * Turn after turn of the shipped engine, until nothing is left to do.
 *
 * **Invariant:** what is written is written by the engine, in its order and with its preconditions; between two turns the command can be stopped.
 */
import { ApiError } from '../../model/errors.ts';
import type { Next } from '../../rotation/next.ts';
import type { EngineWords } from './engine-words.ts';
import type { Ended, MigrationEngine, MigrationTools } from './tools.ts';
import type { Patience } from './wait.ts';

const AGAIN = 200;

/** Ends by itself only when nothing is left to do, which answers `undefined`. @throws ApiError, RotatorError */
export const driveUntilSteady = async (
  engine: MigrationEngine,
  tools: Pick<MigrationTools, 'pause' | 'signal' | 'tell' | 'clock'>,
  patience: Patience,
): Promise<Ended | undefined> => {
  let waitedFor = '';
  const showWait = (words: EngineWords): void => {
    const { waiting } = words;
    if (waiting === undefined || waiting.text === waitedFor) return;
    waitedFor = waiting.text;
    tools.tell({
      type: 'waiting',
      what: waiting.text,
      next: 'Nothing: it goes on by itself.',
      since: tools.clock.now(),
      until: waiting.until,
    });
  };
  for (;;) {
    if (tools.signal.aborted) return { end: 'stopped', what: 'the step at hand' };
    const next = await turn(engine);
    const words = engine.told();
    for (const text of words.notes) tools.tell({ type: 'note', text });
    if (words.held !== undefined) {
      const { what, next: advice, until } = words.held;
      const ended = await patience.for({ what, next: advice, until });
      if (ended !== undefined) return ended;
      continue;
    }
    patience.over();
    showWait(words);
    if (next.again === 'when-woken') return undefined;
    if (next.again === 'after') await tools.pause(next.delay);
  }
};

/** A lost precondition is the world moving on: look again. */
const turn = async (engine: MigrationEngine): Promise<Next> => {
  try {
    return await engine.rotation.advance();
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'conflict') return { again: 'after', delay: AGAIN };
    throw error;
  }
};
