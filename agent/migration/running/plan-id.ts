/**
 * What a plan is recognised by, and the mark that everything made for it carries.
 *
 * **Invariant:** the id depends on what the plan says, not on the order of its keys or the format of its file.
 */
import { createHash } from 'node:crypto';
import type { MigrationPlan } from '../../model/migration.ts';
import { ANNOTATION_PREFIX } from '../../model/product.ts';

/** On each object that a migration makes: the id of its plan. What does not carry it is somebody else's. */
export const MIGRATION_MARK = `${ANNOTATION_PREFIX}/migration`;

const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, canonical(member)]),
  );
};

/** 16 hex digits. */
export const planId = (plan: MigrationPlan): string =>
  createHash('sha256')
    .update(JSON.stringify(canonical(plan)))
    .digest('hex')
    .slice(0, 16);
