/**
 * YAML text to a plain value, with the line of every option.
 *
 * **Invariant:** one document, no key twice; an error of the YAML reader never quotes the text it read.
 */
import { isMap, isPair, isScalar, LineCounter, type Node, parseAllDocuments, type YAMLMap } from 'yaml';
import { type ConfigProblem, MOST_PROBLEMS } from './problem.ts';

/** A ConfigMap holds at most this much. */
export const LARGEST_DOCUMENT = 1024 * 1024;

export interface ConfigDocument {
  readonly value: unknown;
  /** The line of the option at a path, or of the nearest group that is there. */
  readonly lineOf: (path: readonly PropertyKey[]) => number | undefined;
}

/** The document, or what keeps it from being read. */
export const readDocument = (text: string): ConfigDocument | readonly ConfigProblem[] => {
  if (text.length > LARGEST_DOCUMENT) return [whole(`${text.length} characters`, 'at most 1 MiB')];
  const lines = new LineCounter();
  const documents = documentsIn(text, lines);
  if (documents === undefined) return [whole('groups nested too deeply to be read', 'a few levels')];
  if ('empty' in documents) return [whole('an empty file', 'one YAML document')];
  const [document] = documents;
  if (document === undefined || documents.length > 1) {
    return [whole(`${documents.length} YAML documents`, 'one YAML document')];
  }
  const faults = [...document.errors, ...document.warnings].map(({ code, pos: [at] }) => ({ code, at }));
  const repeated = repeatedKeys(document.contents).map((at) => ({ code: 'DUPLICATE_KEY', at }));
  if (faults.length + repeated.length > 0) {
    return [...faults, ...repeated].slice(0, MOST_PROBLEMS).map(({ code, at }) => ({
      path: '',
      line: lines.linePos(at).line,
      found: `YAML that can't be read here (${code.toLowerCase().replaceAll('_', ' ')})`,
      allowed: 'YAML 1.2, no key twice',
    }));
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch {
    return [whole('aliases that refer to nothing or too often', 'at most 100 uses of an anchor')];
  }
  return { value, lineOf: (path) => lineAt(document.contents, path, lines) };
};

/** `undefined` where the reader, which calls itself for each level, comes to the end of its stack. */
const documentsIn = (
  text: string,
  lineCounter: LineCounter,
): ReturnType<typeof parseAllDocuments> | undefined => {
  try {
    // The reader's own check of keys compares every two of a group.
    return parseAllDocuments(text, { lineCounter, prettyErrors: false, version: '1.2', uniqueKeys: false });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

/** Where a key stands in a group that has it already. Groups in keys are none of ours. */
const repeatedKeys = (root: Node | null): readonly number[] => {
  const found: number[] = [];
  const waiting: unknown[] = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (isPair(node)) waiting.push(node.value ?? null);
    else if (typeof node === 'object' && node !== null && 'items' in node) {
      if (isMap(node)) found.push(...repeatedIn(node));
      for (const item of node.items as readonly unknown[]) waiting.push(item ?? null);
    }
  }
  return found.toSorted((a, b) => a - b);
};

const repeatedIn = ({ items }: YAMLMap): readonly number[] => {
  const seen = new Set<unknown>();
  return items.flatMap(({ key }) => {
    if (!isScalar(key)) return [];
    const isNew = !seen.has(key.value);
    seen.add(key.value);
    return isNew ? [] : [key.range?.[0] ?? 0];
  });
};

const whole = (found: string, allowed: string): ConfigProblem => ({
  path: '',
  line: undefined,
  found,
  allowed,
});

const lineAt = (root: Node | null, path: readonly PropertyKey[], lines: LineCounter): number | undefined => {
  let node: unknown = root;
  let offset = root?.range?.[0];
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((one) => isScalar(one.key) && String(one.key.value) === String(part));
      if (!isPair(pair) || !isScalar(pair.key)) break;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (typeof part === 'number' && typeof node === 'object' && node !== null && 'items' in node) {
      const items = node.items as readonly (Node | null)[];
      node = items[part];
      offset = items[part]?.range?.[0] ?? offset;
    } else break;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
};
