/**
 * The project's own sources as text, for checks over all of them.
 *
 * **Invariant:** what a check sees as code holds neither comments nor the content of strings.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface SourceFile {
  /** From the project's root, with slashes: `agent/model/terms.ts`. */
  readonly path: string;
  readonly text: string;
  /** The text with comments and the content of strings blanked. */
  readonly code: string;
  /** What it imports, type imports included: paths from the root, or names of packages. */
  readonly imports: readonly string[];
}

/** Comments, strings, templates: in the order in which they begin. A regular expression with a quote in it would be taken for a string. */
const NOT_CODE =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|\$\{[^}]*\}|[^`\\])*`/g;

const withoutComments = (text: string): string =>
  text.replace(NOT_CODE, (match) => (match.startsWith('/') ? ' ' : match));

/** Expressions inside of templates are code and are kept. */
const codeOf = (text: string): string =>
  text.replace(NOT_CODE, (match) =>
    match.startsWith('`')
      ? `\`${[...match.matchAll(/\$\{([^}]*)\}/g)].map(([, inner]) => inner).join(' ')}\``
      : match.startsWith('/')
        ? ' '
        : "''",
  );

/** Statements at the start of a line, and `import(…)` anywhere. */
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"\n]+)['"]|(?:^|\n)\s*import\s*['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]/g;

const importsOf = (path: string, text: string): readonly string[] =>
  [...withoutComments(text).matchAll(IMPORT)].map(([, from, bare, late]) => {
    const target = from ?? bare ?? late ?? '';
    return target.startsWith('.') ? posix.join(posix.dirname(path), target) : target;
  });

export const parseSource = (path: string, text: string): SourceFile => ({
  path,
  text,
  code: codeOf(text),
  imports: importsOf(path, text),
});

/** Every TypeScript file below these folders of the root. */
export const sourcesBelow = (...folders: readonly string[]): readonly SourceFile[] =>
  folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(ROOT.length + 1)
          .replaceAll('\\', '/'),
      )
      .sort()
      .map((path) => parseSource(path, readFileSync(join(ROOT, path), 'utf8'))),
  );

/** `@scope/name` or `name` of a bare import; undefined for files and Node's own modules. */
export const packageOf = (target: string): string | undefined =>
  /^(agent|integrations|test)\//.test(target) || target.startsWith('node:')
    ? undefined
    : /^(@[^/]+\/[^/]+|[^/]+)/.exec(target)?.[1];
