import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { packageOf, ROOT, sourcesBelow } from './sources.ts';

const read = <T>(name: string): T => JSON.parse(readFileSync(join(ROOT, name), 'utf8')) as T;

const { limit, dependencies: reasons } = read<{
  readonly limit: number;
  readonly dependencies: Readonly<Record<string, string>>;
}>('dependencies.json');
const manifest = read<{
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}>('package.json');

const declared = Object.keys(manifest.dependencies).sort();
const imported = new Set(
  sourcesBelow('agent', 'integrations').flatMap(({ imports }) =>
    imports.flatMap((target) => packageOf(target) ?? []),
  ),
);

test('there are no more run-time dependencies than dependencies.json allows', () => {
  expect(declared.length).toBeLessThanOrEqual(limit);
});

test('each run-time dependency has its reason in dependencies.json, and no reason outlives its dependency', () => {
  expect(Object.keys(reasons).sort()).toEqual(declared);
  expect(Object.entries(reasons).filter(([, reason]) => reason.length < 20)).toEqual([]);
});

test('what is shipped imports nothing that is not a run-time dependency', () => {
  expect([...imported].filter((name) => !declared.includes(name))).toEqual([]);
});

test('each run-time dependency is imported by something that is shipped', () => {
  expect(declared.filter((name) => !imported.has(name))).toEqual([]);
});

test('versions are exact, so that two installs are the same', () => {
  const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+/.test(version))).toEqual([]);
});
