/**
 * One window of the meter for instances that change at the same time: each change counts what was called in its namespace meanwhile.
 *
 * **Invariant:** a call belongs to the change that it began in; what began between two changes, or was not answered at a change's end,
 * is in the whole window's counts.
 */
import {
  closeWindow,
  type MeteredCall,
  type MeterSummary,
  meteredCalls,
  openWindow,
} from '../harness/meter.ts';
import { sleep } from '../harness/wait.ts';
import type { Traffic } from './window.ts';

/** A call that is answered by nobody is given up after 10 s, and written down only then. */
const LONGEST_CALL = 10_500;

const summaryOf = (calls: readonly MeteredCall[], seconds: number): MeterSummary => {
  const count = (of: readonly MeteredCall[]) => ({
    calls: of.length,
    ok: of.filter((call) => call.class === 'ok').length,
    failedByTls: of.filter((call) => call.class === 'tls').length,
    failedByConnection: of.filter((call) => call.class === 'connection').length,
    failedOtherwise: of.filter((call) => call.class === 'other').length,
  });
  const failed = calls.filter((call) => !call.ok);
  const times = failed.map((call) => Date.parse(call.time)).sort((a, b) => a - b);
  const [first, last] = [times.at(0), times.at(-1)];
  const pods = Map.groupBy(calls, (call) => `${call.namespace}/${call.pod}`);
  const errors = Map.groupBy(failed, (call) => call.error ?? call.class);
  return {
    ...count(calls),
    seconds,
    failedSpanSeconds: first === undefined || last === undefined ? 0 : (last - first) / 1000,
    ...(first === undefined ? {} : { firstFailure: new Date(first).toISOString() }),
    ...(last === undefined ? {} : { lastFailure: new Date(last).toISOString() }),
    pods: Object.fromEntries([...pods].map(([name, of]) => [name, count(of)])),
    errors: Object.fromEntries([...errors].map(([text, of]) => [text, of.length])),
  };
};

export class SharedWindow implements Traffic {
  readonly #began = new Map<string, number>();

  async open(): Promise<void> {
    await openWindow();
  }

  /** What all instances' clients met from its opening on. */
  async close(): Promise<MeterSummary> {
    await sleep(LONGEST_CALL);
    return await closeWindow();
  }

  begin(namespace: string): Promise<void> {
    this.#began.set(namespace, Date.now());
    return Promise.resolve();
  }

  async end(namespace: string): Promise<MeterSummary> {
    const [began, ended] = [this.#began.get(namespace) ?? Date.now(), Date.now()];
    await sleep(500);
    const calls = meteredCalls(new Date(began)).filter(
      (call) => call.namespace === namespace && Date.parse(call.time) <= ended,
    );
    return summaryOf(calls, (ended - began) / 1000);
  }
}
