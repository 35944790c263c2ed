/** The file of a plan, read without believing that it is one. */
import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { planId } from '../../agent/migration/running/plan-id.ts';
import { readPlan } from '../../agent/migration/running/read-plan.ts';
import { planFor } from '../kit/migration/planned.ts';
import { plainStaticSecret } from '../kit/migration/starts.ts';

const plan = planFor(plainStaticSecret());

test('a plan is the same one as JSON and as YAML, whatever the order of its keys', () => {
  const turned = Object.fromEntries(Object.entries(plan).toReversed());
  for (const text of [JSON.stringify(plan), stringify(plan), JSON.stringify(turned)])
    expect(planId(readPlan(text))).toBe(planId(plan));
});

describe('a file that is no plan is told apart', () => {
  test.each([
    ['an empty file', '', /neither JSON nor YAML/],
    ['a picture', '\u0089PNG\u0000', /neither JSON nor YAML|is not one/],
    ['a plan of a newer program', '{"version":2}', /format 2, this program knows format 1/],
    ['some other manifest', 'apiVersion: v1\nkind: Secret\n', /is not one: version/],
    ['YAML that refers to itself', 'version: &a [*a]\n', /neither JSON nor YAML|is not one/],
    [
      'a plan in which somebody changed the kind of an object',
      JSON.stringify({ ...plan, objects: plan.objects.map((each) => ({ ...each, kind: 1 })) }),
      /is not one: objects/,
    ],
  ])('%s', (_what, text, said) => {
    expect(() => readPlan(text)).toThrow(said);
  });
});
