import { describe, expect, test } from '@jest/globals';
import { IMPURE, LAYERS, type Layer, MAY_READ_CLOCK } from './layers.ts';
import { parseSource, type SourceFile, sourcesBelow } from './sources.ts';

const shipped = sourcesBelow('agent', 'integrations');
const everything = [...shipped, ...sourcesBelow('test')];

const isBelow = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);

const layerOf = (path: string): Layer | undefined =>
  LAYERS.filter((layer) => isBelow(path, layer.of)).sort((a, b) => b.of.length - a.of.length)[0];

const fits = (name: string, pattern: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

/** `agent/plan` is one with itself; so is an integration's own folder, and only that. */
const isOwn = (path: string, target: string, layer: Layer): boolean =>
  layer.of === 'integrations'
    ? path.split('/')[1] === target.split('/')[1] && target.startsWith('integrations/')
    : isBelow(target, layer.of) ||
      (layer.pure && isBelow(target, layer.of.replace(/\/[^/]+\.ts$/, '')) && layerOf(target)?.pure === true);

const wrongImports = (file: SourceFile): readonly string[] => {
  const layer = layerOf(file.path);
  if (layer === undefined) {
    return [`${file.path} is in no layer: add it to test/repo/layers.ts`];
  }
  return file.imports
    .filter((target) =>
      /^(agent|integrations|test)\//.test(target)
        ? !isOwn(file.path, target, layer) && !layer.imports.some((place) => isBelow(target, place))
        : !layer.packages.some((pattern) => fits(target, pattern)),
    )
    .map((target) => `${file.path} imports ${target}, which ${layer.of} may not (test/repo/layers.ts)`);
};

const impurities = (
  file: SourceFile,
  which: readonly (typeof IMPURE)[number][] = IMPURE,
): readonly string[] =>
  which
    .filter(({ pattern }) => pattern.test(file.code))
    .map(({ what }) => `${file.path} reaches for ${what}`);

describe('the layers', () => {
  test('hold: each source imports only what its layer may know', () => {
    expect(shipped.flatMap(wrongImports)).toEqual([]);
  });

  test('that are pure call no clock, no timer, no random source, and read no environment', () => {
    expect(shipped.filter((file) => layerOf(file.path)?.pure).flatMap((file) => impurities(file))).toEqual(
      [],
    );
  });

  test('let time in through the runtime only: all others take the Clock', () => {
    const clock = IMPURE.filter(({ what }) => what === 'the clock');
    const others = shipped.filter(({ path }) => !MAY_READ_CLOCK.some((place) => isBelow(path, place)));
    expect(others.flatMap((file) => impurities(file, clock))).toEqual([]);
  });

  test('have no cycle: what may import a layer is not imported by it', () => {
    const knows = (one: Layer, other: Layer): boolean =>
      one.imports.some((place) => isBelow(other.of, place));
    const pairs = LAYERS.flatMap((one) =>
      LAYERS.filter((other) => one !== other && knows(one, other) && knows(other, one)).map(
        (other) => `${one.of} ↔ ${other.of}`,
      ),
    );
    expect(pairs).toEqual([]);
  });

  test('keep tests out of what is shipped', () => {
    expect(
      shipped.flatMap(({ path, imports }) =>
        imports.filter((target) => target.startsWith('test/')).map((target) => `${path}: ${target}`),
      ),
    ).toEqual([]);
  });
});

describe('the check itself', () => {
  const check = (path: string, text: string) => {
    const file = parseSource(path, text);
    return [...wrongImports(file), ...(layerOf(path)?.pure === true ? impurities(file) : [])].length;
  };

  test.each([
    ['agent/plan/x.ts', "import { a } from '../kube/client.ts';"],
    ['agent/plan/x.ts', "import type { A } from '../kube/client.ts';"],
    ['agent/plan/x.ts', "const late = await import('../kube/client.ts');"],
    ['agent/plan/x.ts', "export { a } from '@opentelemetry/api';"],
    ['agent/pki/x.ts', "import fs from 'node:fs';"],
    ['agent/model/x.ts', "import { a } from '../ports.ts';"],
    ['agent/rollout/x.ts', 'const now = Date.now();'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a source, not a template.
    ['agent/layout/x.ts', 'const text = `at ${Date.now()}`;'],
    ['agent/argocd/x.ts', 'const now = new Date();'],
    ['agent/verification/evidence.ts', "import tls from 'node:tls';"],
    ['integrations/vault/x.ts', "import { a } from '../cert-manager/source.ts';"],
    ['integrations/vault/x.ts', "import { a } from '../../agent/plan/plan.ts';"],
    ['agent/telemetry/x.ts', "import { a } from '../rotation/advance.ts';"],
    ['agent/novel/x.ts', ''],
  ])('finds what is wrong in %s: %s', (path, text) => {
    expect(check(path, text)).toBe(1);
  });

  test.each([
    ['agent/plan/x.ts', "import { a } from '../layout/shared.ts';\nimport { b } from './y.ts';"],
    [
      'agent/plan/x.ts',
      "// import { a } from '../kube/client.ts';\n/* Date.now() */ const text = 'Date.now()';",
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a source, not a template.
    ['agent/layout/x.ts', 'const text = `${new Date(at).toISOString()}`;'],
    ['integrations/vault/x.ts', "import { a } from './y.ts';\nimport type { S } from '../source.ts';"],
  ])('lets pass what is right in %s: %s', (path, text) => {
    expect(check(path, text)).toBe(0);
  });
});

describe('every source', () => {
  const offending = (files: readonly SourceFile[], wrong: (file: SourceFile) => boolean): readonly string[] =>
    files.filter(wrong).map(({ path }) => path);

  // In tests the linter sees to it, and takes a reason.
  test('that is shipped is free of `any`', () => {
    expect(
      offending(shipped, ({ code }) => /[:<,|&(]\s*any\b\s*[\])>,;|&=)[]|\bas any\b/.test(code)),
    ).toEqual([]);
  });

  test('has a name that says what it is about', () => {
    expect(
      offending(everything, ({ path }) => /\/(utils?|helpers?|common|misc|lib)(\.ts|\/)/.test(path)),
    ).toEqual([]);
  });

  test('exports by name', () => {
    expect(offending(everything, ({ code }) => /\bexport default\b/.test(code))).toEqual([]);
  });

  test('begins by saying what it is for', () => {
    // A file that only passes on what another says needs no words of its own.
    const begins = /^(#![^\n]*\n)?\/\*\*|^(export [^;]*from [^;]*;\s*)+$/;
    expect(offending(shipped, ({ text }) => !begins.test(text))).toEqual([]);
  });

  test('names the extension of what it imports', () => {
    const files = (target: string) => /^(agent|integrations|test)\//.test(target);
    expect(
      offending(everything, ({ imports }) =>
        imports.some((target) => files(target) && !/\.(ts|json|mjs)$/.test(target)),
      ),
    ).toEqual([]);
  });

  test('is tested by a test that is neither skipped nor alone', () => {
    expect(
      offending(everything, ({ code }) =>
        /\b(test|describe|it)\.(only|skip|todo)\b|\bx(test|describe|it)\(/.test(code),
      ),
    ).toEqual([]);
  });
});
