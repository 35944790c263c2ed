/**
 * Either something that was decided, or why it can't be.
 *
 * **Invariant:** what is blocked is blocked as a whole: no part of a plan is made of it.
 */
import type { Finding } from '../../model/plan.ts';

export type Decision<T> =
  | { readonly decided: T; readonly problems: readonly Finding[] }
  | { readonly blocked: readonly Finding[] };

export const blocking = (
  code: string,
  about: string,
  { what, effect, next }: Pick<Finding, 'what' | 'effect' | 'next'>,
): Finding => ({ code, severity: 'blocking', about, what, effect, next, patch: undefined });

export const warning = (
  code: string,
  about: string,
  { what, effect, next }: Pick<Finding, 'what' | 'effect' | 'next'>,
): Finding => ({ code, severity: 'warning', about, what, effect, next, patch: undefined });

export const blocked = (...problems: readonly Finding[]): { readonly blocked: readonly Finding[] } => ({
  blocked: problems,
});

export const decided = <T>(value: T, ...problems: readonly Finding[]): Decision<T> => ({
  decided: value,
  problems,
});

/** What is always true of a blocked plan. */
export const NOTHING_DONE = 'No plan is made; nothing was changed.';
