/**
 * The documents against the repository: what they link to, name and show is there and works.
 *
 * CONFIGURATION.md and TELEMETRY.md are made from the code and held elsewhere; here their links are looked at, like everybody's.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../agent/config/parse.ts';
import { parseSidecarConfig } from '../../agent/config/sidecar-parse.ts';
import { HOLD_CODES } from '../../agent/model/plan.ts';
import { REFUSAL_CODES } from '../../agent/model/refusal.ts';
import { SIDECAR_HOLD_CODES } from '../../agent/model/sidecar-hold.ts';
import { ROOT, sourcesBelow } from './sources.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const documentsIn = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => (folder === '.' ? name : `${folder}/${name}`));

const DOCUMENTS = [
  ...documentsIn('.'),
  ...documentsIn('docs'),
  'manifests/README.md',
  'test/cluster/README.md',
  'test/kit/api-server/README.md',
];
/** Written by hand for readers of the project; folder READMEs speak of paths below their own folder. */
const HAND_WRITTEN = ['README.md', 'ARCHITECTURE.md', 'DECISIONS.md', 'CONTRIBUTING.md', 'docs/runbook.md'];

const fences = (text: string): readonly { readonly language: string; readonly body: string }[] =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']) => ({
    language,
    body,
  }));

const prose = (text: string): string => text.replace(/^```\w*\n[\s\S]*?^```$/gm, '');

const anchorsOf = (text: string): readonly string[] =>
  [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

const linksOf = (text: string): readonly string[] => [
  ...[...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target),
  ...[...prose(text).matchAll(/^\[[^\]]+\]: (\S+)$/gm)].map(([, target = '']) => target),
];

const isBroken = (document: string, link: string): boolean => {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? document : join(dirname(document), path);
  if (!existsSync(join(ROOT, target))) return true;
  return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
};

describe.each(DOCUMENTS)('%s', (document) => {
  const text = read(document);

  test('links to what is there', () => {
    const inside = linksOf(text).filter((link) => !/^https:\/\//.test(link));
    expect(inside.filter((link) => isBroken(document, link))).toEqual([]);
  });

  test('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm (?:run (?:--silent )?([\w:-]+)|(test)\b)/g)].map(
      ([, script, short]) => script ?? short ?? '',
    );
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  test('shows configurations that are valid', () => {
    const shown = (kind: string) =>
      fences(text)
        .filter(({ language, body }) => language === 'yaml' && body.includes(`\nkind: ${kind}\n`))
        .map(({ body }) => body);
    expect(
      shown('RotatorConfig')
        .map(parseConfig)
        .filter(({ ok }) => !ok),
    ).toEqual([]);
    expect(
      shown('SidecarConfig')
        .map(parseSidecarConfig)
        .filter(({ ok }) => !ok),
    ).toEqual([]);
  });

  test('names no place of one machine and no package registry', () => {
    expect(
      text.match(/(?<![\w.>])\/(?:work|root|home)\/\S*|\bregistry\.[\w-]+\.\w+|localhost:\d{4}/g),
    ).toBeNull();
  });
});

/** Folders in which a path of the documents may begin: the root, and for the code map the agent's own. */
const PLACES = [
  '',
  'agent',
  'agent/plan',
  'agent/policy',
  'agent/config',
  'agent/rotation',
  'agent/admission',
  'agent/diagnosis',
];

const existsSomewhere = (path: string): boolean =>
  [
    ...PLACES,
    'agent/argocd',
    'agent/pki',
    'agent/model',
    'agent/rollout',
    'agent/verification',
    'agent/telemetry',
    'agent/layout',
    'agent/kube',
    'agent/migration',
    'agent/migration/findings',
    'agent/migration/running',
    'agent/migration/planning',
    'integrations',
    'manifests',
    'manifests/overlays/example',
    'test',
    'test/repo',
  ].some((place) => existsSync(join(ROOT, place, path)));

test.each(HAND_WRITTEN)('%s names files and folders that are there', (document) => {
  const named = [
    ...prose(read(document)).matchAll(/`([\w.-]+(?:\/[\w.-]+)*(?:\/|\.(?:ts|mjs|json|md)))`/g),
  ].map(([, path = '']) => path);
  expect(named.filter((path) => !existsSomewhere(path))).toEqual([]);
});

test('the README shows a configuration', () => {
  expect(fences(read('README.md')).filter(({ body }) => body.includes('kind: RotatorConfig'))).not.toEqual(
    [],
  );
});

test('the page on sidecars knows every hold of theirs', () => {
  const told = [...read('docs/sidecar.md').matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code = '']) => code);
  expect(SIDECAR_HOLD_CODES.filter((code) => !told.includes(code))).toEqual([]);
});

describe('the runbook', () => {
  const told = new Set(
    [...read('docs/runbook.md').matchAll(/^\| ((?:`[a-z0-9-]+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([a-z0-9-]+)`/g)].map(([, code = '']) => code),
    ),
  );
  const findings = sourcesBelow('agent/diagnosis/checks').flatMap(({ text }) => [
    ...[...text.matchAll(/\bcode: '([a-z-]+)'/g)].map(([, code = '']) => code),
    ...[...text.matchAll(/\bcode: [^,\n]*\? '([a-z-]+)' : '([a-z-]+)'/g)].flatMap(([, a = '', b = '']) => [
      a,
      b,
    ]),
  ]);

  test.each([
    ['hold', HOLD_CODES],
    ['refusal', REFUSAL_CODES],
    ['finding', findings],
  ] as const)('knows every %s', (_, codes) => {
    expect(codes.length).toBeGreaterThan(0);
    expect(codes.filter((code) => !told.has(code))).toEqual([]);
  });
});
