/**
 * What is wrong with a configuration file: all of it at once, each with place, what was found and what is allowed.
 *
 * **Invariant:** a problem never shows a value that could be a secret pasted into the wrong place.
 */
import { RotatorError } from '../model/errors.ts';

export interface ConfigProblem {
  /** `instances[0].clients.default.certManager`; empty for the document itself. */
  readonly path: string;
  /** Line in the file, from 1, where it can be told. */
  readonly line: number | undefined;
  /** What stands there: `"mange"`, `a list`, `nothing`. */
  readonly found: string;
  /** What may stand there. */
  readonly allowed: string;
}

/** The file can't be used. Nothing of it was taken over. */
export class ConfigError extends RotatorError {
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    super('refused', {
      what: `The configuration ${file} has ${count}:\n${problems.map((one) => `  ${renderProblem(one)}`).join('\n')}`,
      effect: 'Nothing of it is used.',
      next: 'Correct what is listed; CONFIGURATION.md describes every option.',
    });
    this.name = 'ConfigError';
    // One problem a line; the rest on a line of its own.
    this.message = `${this.what}\n${this.effect} ${this.next}`;
    this.problems = problems;
  }
}

/** So many are told at once; the line of each has to be looked for. */
export const MOST_PROBLEMS = 100;

/** Problems with their lines, in the order of the file. */
export const problemsOf = (
  found: readonly {
    readonly path: readonly PropertyKey[];
    readonly found: string;
    readonly allowed: string;
  }[],
  lineOf: (path: readonly PropertyKey[]) => number | undefined,
): readonly ConfigProblem[] =>
  found
    .slice(0, MOST_PROBLEMS)
    .map((one) => ({
      path: renderPath(one.path),
      line: lineOf(one.path),
      found: one.found,
      allowed: one.allowed,
    }))
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));

/** One problem as one line. */
export const renderProblem = (problem: ConfigProblem): string => {
  const place = problem.line === undefined ? '' : ` (line ${problem.line})`;
  return `${problem.path === '' ? 'document' : problem.path}${place}: found ${problem.found}; allowed: ${problem.allowed}`;
};

/** Keys as people write them: `instances[0].names.workloads`. */
export const renderPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const word = /^[\w-]+$/.test(String(part)) ? String(part) : JSON.stringify(clip(String(part)));
    return text === '' ? word : `${text}.${word}`;
  }, '');

/**
 * What stands somewhere, in words. Short single-line text is quoted, so that a typing error can be seen; longer or multi-line text and
 * anything like PEM is only named, since it may be a key in the wrong place.
 */
export const describeFound = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (value === null) return 'an empty value';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') return 'a group of options';
  if (typeof value === 'string')
    return clip(value) === value ? JSON.stringify(value) : `text of ${value.length} characters`;
  return `${typeof value === 'number' ? 'the number' : 'the value'} ${String(value)}`;
};

const SHOWN_AT_MOST = 48;

/** Long text, several lines, PEM, an address with a credential in it, or a mix of cases and digits as tokens have it: named by its length only. */
const clip = (text: string): string => {
  const tokenLike =
    text.length >= 16 &&
    /\d/.test(text) &&
    (/[A-Z]/.test(text) ? /[a-z]/.test(text) : /^[0-9a-f]+$/.test(text));
  return text.length > SHOWN_AT_MOST || /[\r\n]|-----|:\/\/[^/]*@/.test(text) || tokenLike
    ? `${text.length} characters`
    : text;
};
