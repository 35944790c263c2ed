/** docs/migration.md against the code: every finding has its words there, and what is shown is what comes out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { renderLook } from '../../agent/cli/render-look.ts';
import { renderMigration } from '../../agent/cli/render-migration.ts';
import { planFor } from '../kit/migration/planned.ts';
import { lookAt } from '../kit/migration/sight.ts';
import { plainStaticSecret } from '../kit/migration/starts.ts';
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

/** Keys are made anew for each test. */
const withoutFingerprints = (shown: string): string => shown.replaceAll(/\([0-9a-f]{12}\)/g, '(…)').trim();

test.each([
  ['look', renderLook(lookAt(plainStaticSecret()))],
  ['plan', renderMigration(planFor(plainStaticSecret()))],
])('the output of %s that is shown is what comes out of a static Secret', (_command, output) => {
  const [title = ''] = output.split('\n');
  const shown = [...text.matchAll(/^```text\n([\s\S]*?)^```$/gm)]
    .map(([, body = '']) => body)
    .filter((body) => body.startsWith(title));
  expect(shown.map(withoutFingerprints)).toEqual([withoutFingerprints(output)]);
});
