/**
 * The table of bad material. What it expects of Go is held against Argo CD's own code by `npm run bad-material` and by the cluster tier.
 */
import { describe, expect, test } from '@jest/globals';
import { admissionOf } from './bad-material/ask-go.ts';
import { goTakes, type Row } from './bad-material/row.ts';
import { BAD_MATERIAL } from './bad-material/table.ts';

const verdict = (row: Row): string => {
  const admission = admissionOf(row, row.raw());
  return 'refusal' in admission ? admission.refusal.code : 'accepted';
};

describe('admission', () => {
  test.each(BAD_MATERIAL)('$role: $name: $admission', (row) => {
    expect(verdict(row)).toBe(row.admission);
  });
});

describe('the table', () => {
  const accepts = ({ admission }: Row): boolean => admission === 'accepted';

  test('has at least sixty kinds that one side or the other refuses, each under a name of its own', () => {
    expect(BAD_MATERIAL.filter((row) => !accepts(row) || !goTakes(row)).length).toBeGreaterThanOrEqual(60);
    const names = BAD_MATERIAL.map(({ role, name }) => `${role} ${name}`);
    expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
  });

  test('was made by more than our own writer of certificates', () => {
    const makers = new Set(BAD_MATERIAL.map(({ by }) => by));
    expect([...makers].toSorted()).toEqual(['OpenSSL', 'kit', 'node-forge']);
  });

  test('gives a reason where admission and Go differ, and only there', () => {
    const differing = BAD_MATERIAL.filter((row) => accepts(row) !== goTakes(row));
    expect(BAD_MATERIAL.filter(({ differs }) => differs !== undefined)).toEqual(differing);
  });
});
