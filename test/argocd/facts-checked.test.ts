/**
 * That no row of the facts table goes unchecked. The checks themselves need Argo CD's programs and run in the cluster's tier.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { FACTS } from '../../agent/argocd/facts.ts';
import { CLIENT_CA_CHECKS } from '../cluster/facts/checks/client-ca.ts';
import { CLIENT_LEAF_CHECKS } from '../cluster/facts/checks/client-leaf.ts';
import { SERVER_CA_CHECKS } from '../cluster/facts/checks/server-ca.ts';
import { SERVING_CHECKS } from '../cluster/facts/checks/serving.ts';

const CHECKS = { ...CLIENT_CA_CHECKS, ...SERVING_CHECKS, ...CLIENT_LEAF_CHECKS, ...SERVER_CA_CHECKS };
const named = new Set(FACTS.flatMap(({ behaviours }) => behaviours.map(({ check }) => check)));

describe('the facts table and the real programs', () => {
  test.each([...named])('the check %s, which a row names, exists', (check) => {
    expect(Object.keys(CHECKS)).toContain(check);
  });

  test('every check shows something that the table says', () => {
    expect(Object.keys(CHECKS).filter((check) => !named.has(check))).toEqual([]);
  });

  test('every file of checks is counted here', () => {
    const files = readdirSync(new URL('../cluster/facts/checks/', import.meta.url)).sort();
    expect(files).toEqual(['check.ts', 'client-ca.ts', 'client-leaf.ts', 'server-ca.ts', 'serving.ts']);
  });
});
