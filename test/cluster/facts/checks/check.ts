/**
 * A check: shows one behaviour of the facts table on the real program, or throws.
 */

/** Name of the check, as `behaviours.ts` gives it: `client-ca/appears-later`. */
export type Checks<Context> = Readonly<Record<string, (context: Context) => Promise<void>>>;

/** Milliseconds in which anything that watches a file would have noticed: what has no effect by then has none. */
export const A_WHILE = 1_000;
