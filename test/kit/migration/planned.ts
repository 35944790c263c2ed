/**
 * A plan from a start, and what is asked of every plan.
 */

import { assemble } from '../../../agent/migration/findings/assemble.ts';
import type { PlanChoice } from '../../../agent/migration/planning/choice.ts';
import { planMigration } from '../../../agent/migration/planning/plan.ts';
import type { MigrationPlan } from '../../../agent/model/migration.ts';
import { type Start, sightOf } from './sight.ts';

export const NO_CHOICE: PlanChoice = {
  name: 'argocd',
  root: undefined,
  client: undefined,
  issuing: undefined,
  keep: undefined,
  vault: undefined,
  serving: 'issue',
};

export const VAULT = {
  address: 'https://vault.bank:8200',
  mount: 'pki',
  role: 'argocd',
  authMount: 'kubernetes',
  authRole: 'argocd-mtls-rotator',
  caFile: undefined,
} as const;

export const planFor = (start: Start, choice: Partial<PlanChoice> = {}): MigrationPlan => {
  const sight = sightOf(start);
  return planMigration(sight, assemble(sight), { ...NO_CHOICE, ...choice });
};

export const blockingCodes = ({ problems }: MigrationPlan): readonly string[] =>
  problems.filter(({ severity }) => severity === 'blocking').map(({ code }) => code);
