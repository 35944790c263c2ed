/** Windows, freezes and approval as a file says them, and what of it is refused. */
import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../agent/config/parse.ts';
import { renderProblem } from '../../agent/config/problem.ts';
import { NO_POLICY, type Policy } from '../../agent/model/policy.ts';

const file = (policy: string, defaults = ''): string => `apiVersion: mtls-rotator/v1alpha1
kind: RotatorConfig
${defaults}
instances:
  - name: a
    namespace: a
    clients: { default: { certManager: { certificate: c } } }
    serving: { certManager: { certificate: s } }
    ${policy === '' ? '' : `policy: ${policy}`}
`;

const policyOf = (text: string): Policy | undefined => {
  const parsed = parseConfig(text);
  if (!parsed.ok) throw new Error(parsed.problems.map(renderProblem).join('\n'));
  return parsed.settings.instances[0]?.policy;
};

const problems = (policy: string): readonly string[] => {
  const parsed = parseConfig(file(policy));
  return parsed.ok ? [] : parsed.problems.map(({ path, found }) => `${path}: ${found}`);
};

const SATURDAY = "start: '0 2 * * 6', duration: 4h, timeZone: Europe/Berlin";

describe('a policy', () => {
  test('that is not given holds nothing', () => {
    expect(policyOf(file(''))).toEqual(NO_POLICY);
  });

  test('is read with its windows, freezes and classes', () => {
    expect(
      policyOf(
        file(
          `{ windows: [{ ${SATURDAY}, classes: [client-ca] }], urgentBefore: 2d, approval: [client-ca, disable], distrust: in-window,
             freezes: [{ why: sale, from: 2026-11-26T00:00:00+01:00, to: '2026-12-01T00:00Z' }, { why: month-end, start: '0 0 L * *', duration: 2d, timeZone: UTC }] }`,
        ),
      ),
    ).toMatchObject({
      windows: [
        { cron: '0 2 * * 6', duration: 14_400_000, timeZone: 'Europe/Berlin', classes: ['client-ca'] },
      ],
      freezes: [
        { kind: 'dated', why: 'sale', from: Date.UTC(2026, 10, 25, 23), to: Date.UTC(2026, 11, 1) },
        { kind: 'recurring', why: 'month-end', cron: '0 0 L * *', duration: 172_800_000 },
      ],
      urgentBefore: 172_800_000,
      urgentOverrides: ['windows', 'freezes'],
      approval: ['client-ca', 'disable'],
      distrust: 'in-window',
    });
  });

  test('of the defaults holds for an instance, which replaces single parts of it', () => {
    const defaults = `defaults: { policy: { windows: [{ ${SATURDAY} }], approval: [client-ca] } }`;
    expect(policyOf(file('{ approval: [] }', defaults))).toMatchObject({
      windows: [{ cron: '0 2 * * 6' }],
      approval: [],
    });
  });

  test.each([
    [
      "{ windows: [{ start: '0 2 31 2 *', duration: 4h, timeZone: UTC }] }",
      'policy.windows[0].start: "0 2 31 2 *"',
    ],
    [
      "{ windows: [{ start: '0 2 29 2 1#1', duration: 4h, timeZone: UTC }] }",
      'policy.windows[0].start: "0 2 29 2 1#1"',
    ],
    [
      "{ windows: [{ start: '0 0 2 * * 6', duration: 4h, timeZone: UTC }] }",
      'policy.windows[0].start: "0 0 2 * * 6"',
    ],
    [
      "{ windows: [{ start: '0 2 15W * *', duration: 4h, timeZone: UTC }] }",
      'policy.windows[0].start: "0 2 15W * *"',
    ],
    [
      "{ windows: [{ start: '0 2 * * 6', duration: 4h, timeZone: Europe/Bielefeld }] }",
      'policy.windows[0].timeZone: "Europe/Bielefeld"',
    ],
    [
      "{ windows: [{ start: '0 2 * * 6', duration: 4h, timeZone: '+01:00' }] }",
      'policy.windows[0].timeZone: "+01:00"',
    ],
    [
      "{ windows: [{ start: '0 2 * * 6', duration: 0s, timeZone: UTC }] }",
      'policy.windows[0].duration: "0s"',
    ],
    [`{ windows: [{ ${SATURDAY}, classes: [both] }] }`, 'policy.windows[0].classes[0]: "both"'],
    ['{ freezes: [{ why: x, from: 2026-12-24, to: 2026-12-27 }] }', 'policy.freezes[0].from: "2026-12-24"'],
    [
      '{ freezes: [{ why: x, from: 2026-12-24T00:00:00Z, to: 2026-12-24T00:00:00Z }] }',
      'policy.freezes[0]: a freeze that ends before it begins',
    ],
    ['{ freezes: [{ why: x, from: 2026-12-24T00:00:00Z }] }', 'policy.freezes[0]: part of one'],
    [`{ freezes: [{ why: x, ${SATURDAY}, from: 2026-12-24T00:00:00Z }] }`, 'policy.freezes[0]: both'],
    ['{ freezes: [{ why: x }] }', 'policy.freezes[0]: neither'],
    ['{ urgentOverrides: [pause] }', 'policy.urgentOverrides[0]: "pause"'],
    [
      `{ windows: [{ ${SATURDAY} }], freezes: [{ why: x, start: '0 0 * * 6', duration: 1d, timeZone: Europe/Berlin }] }`,
      'policy: no moment for any change: every window is frozen',
    ],
    [
      `{ windows: [{ ${SATURDAY}, classes: [client-ca] }, { start: '0 2 * * 0', duration: 4h, timeZone: UTC, classes: [server-ca] }] }`,
      'policy.windows: no moment for client-ca and server-ca at once',
    ],
  ])('%s is refused', (policy, problem) => {
    expect(problems(policy)).toContain(`instances[0].${problem}`);
  });

  test('whose dated freeze covers the next windows is valid: it ends some day', () => {
    expect(
      problems(
        `{ windows: [{ ${SATURDAY} }], freezes: [{ why: x, from: 2026-01-01T00:00:00Z, to: 2031-01-01T00:00:00Z }] }`,
      ),
    ).toEqual([]);
  });
});
