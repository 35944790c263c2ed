/**
 * YAML text to a plain value, with the line of every option.
 *
 * **Invariant:** one document, no key twice; an error of the YAML reader never quotes the text it read.
 */
import { isMap, isPair, isScalar, LineCounter, type Node, parseAllDocuments } from 'yaml';
import type { ConfigProblem } from './problem.ts';

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
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  if ('empty' in documents) return [whole('an empty file', 'one YAML document')];
  const [document] = documents;
  if (document === undefined || documents.length > 1) {
    return [whole(`${documents.length} YAML documents`, 'one YAML document')];
  }
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    return faults.map((fault) => ({
      path: '',
      line: lines.linePos(fault.pos[0]).line,
      found: `YAML that can't be read here (${fault.code.toLowerCase().replaceAll('_', ' ')})`,
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
