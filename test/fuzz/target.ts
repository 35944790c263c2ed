/**
 * One reader of ours, as the fuzzer sees it.
 *
 * **Invariant:** `read` ends without a word or throws; whether what it threw was one of our own refusals is judged elsewhere.
 */
export interface Target {
  readonly name: string;
  /** Sound input, made once, from which the other is made. */
  readonly seeds: () => readonly Buffer[];
  /** What its input is made of. */
  readonly form: 'text' | 'pem' | 'der';
  /** Words that mean something to this reader. */
  readonly words: readonly string[];
  /** @throws RotatorError, and nothing else */
  readonly read: (input: Buffer) => void | Promise<void>;
}
