/** What the two processes of the fuzzer say to each other. */
export interface Order {
  readonly seed: number;
  /** For all targets together. */
  readonly seconds: number;
  /** One target alone. */
  readonly only?: string | undefined;
  /** Where the input is kept that is being read. */
  readonly file: string;
}

export type Report =
  | { readonly type: 'begins'; readonly target: string }
  | { readonly type: 'goes on' }
  /** The input is the one in the file. */
  | { readonly type: 'finding'; readonly why: string }
  | { readonly type: 'ended'; readonly runs: number; readonly longest: number };
