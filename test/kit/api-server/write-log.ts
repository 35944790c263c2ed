/**
 * Every write of the agent, and the moments before and after it at which a test can kill the agent.
 *
 * **Invariant:** nothing reaches the store for a user after it was killed; an answer of a killed call is never sent.
 */
import type { JsonObject } from './json.ts';

export interface WriteRequest {
  /** 1 for the first write of an agent since the stand-in started; reads don't count, nor does the admin. */
  readonly number: number;
  readonly user: string;
  readonly verb: string;
  /** `secrets`, `certificates/status`, … */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string | undefined;
  readonly body: JsonObject;
}

export interface LoggedWrite extends WriteRequest {
  readonly at: number;
  /** HTTP status of the answer, whether it was sent or not. */
  readonly status: number;
}

/** Called before a write is carried out and after it was. `'kill'`: the process that asked is dead from here on. */
export type OnWrite = (phase: 'before' | 'after', request: WriteRequest) => 'kill' | undefined;
