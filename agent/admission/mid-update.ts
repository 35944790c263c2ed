/**
 * What looks wrong because its writer is not done: a pair of which one half is there, or a leaf whose CA has not arrived yet.
 *
 * **Invariant:** waiting ends by itself; what is still wrong a minute after its last change is refused for what it is.
 */
import type { Refusal, RefusalCode } from '../model/refusal.ts';
import type { Duration, Instant } from '../model/terms.ts';
import { when } from './refuse.ts';

/** Certificate, key and CA are written one after the other by scripts and syncs, seconds apart; trust-manager's Bundle follows its source. */
export const UPDATE_TAKES: Duration = 60_000;

/** What half an update looks like. Nothing else passes by itself. */
const TORN: ReadonlySet<RefusalCode> = new Set([
  'no-certificate',
  'no-key',
  'key-mismatch',
  'no-anchor',
  'chain-broken',
]);

export interface MidUpdate {
  readonly why: string;
  readonly next: string;
}

/**
 * @param changedAt when the source was last written; `undefined`: not known, and then nothing is waited for.
 * @returns `undefined` where the refusal stands.
 */
export const midUpdate = (
  refusal: Refusal,
  changedAt: Instant | undefined,
  at: Instant,
): MidUpdate | undefined => {
  // Two clocks: the API server's date may lie ahead.
  if (changedAt === undefined || Math.abs(at - changedAt) >= UPDATE_TAKES || !TORN.has(refusal.code))
    return undefined;
  return {
    why: `It was written at ${when(changedAt)} and may not be complete yet. ${refusal.what}`,
    next: `Nothing, if an update is under way. From ${when(changedAt + UPDATE_TAKES)} on it is refused as ${refusal.code}.`,
  };
};
