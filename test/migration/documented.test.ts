/** docs/migration.md against the code: every finding has its words there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT, sourcesBelow } from '../repo/sources.ts';

const text = readFileSync(join(ROOT, 'docs/migration.md'), 'utf8');

test('every finding of look and plan is explained', () => {
  const codes = sourcesBelow('agent/migration/findings', 'agent/migration/planning').flatMap(
    ({ text: code }) => [
      ...[...code.matchAll(/\bcode: '([a-z0-9-]+)'/g)].map(([, found = '']) => found),
      ...[...code.matchAll(/\b(?:blocking|warning|no)\(\s*'([a-z0-9-]+)'/g)].map(([, found = '']) => found),
      ...[...code.matchAll(/\bcode: [^,]*?\? '([a-z0-9-]+)' : '([a-z0-9-]+)'/g)].flatMap(
        ([, one = '', other = '']) => [one, other],
      ),
    ],
  );
  expect(new Set(codes).size).toBeGreaterThan(35);
  expect([...new Set(codes)].filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
});
