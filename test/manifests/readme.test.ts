/** The table that operators choose by is complete. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

test('every component and every mode is in the README, and nothing that does not exist', () => {
  const readme = readFileSync('manifests/README.md', 'utf8');
  const named = new Set([...readme.matchAll(/(?:components|instance)\/[a-z-]+/g)].map(([path]) => path));
  const present = ['components', 'instance'].flatMap((folder) =>
    readdirSync(`manifests/${folder}`).map((name) => `${folder}/${name}`),
  );
  expect([...named].toSorted()).toEqual(present.toSorted());
});
