import { describe, expect, test } from '@jest/globals';
import { FACTS } from '../../agent/argocd/facts.ts';
import { hotReloads, leafReading, outcome, readingTime, reads } from '../../agent/argocd/reading.ts';
import { readClientMounts } from '../../agent/argocd/template.ts';
import { CLIENT_COMPONENTS, COMPONENTS } from '../../agent/model/terms.ts';
import { workloadOf } from '../kit/argocd/install.ts';
import { bySubPath, withoutItem, withoutMtls } from '../kit/argocd/variants.ts';

describe('the facts table', () => {
  test('has one row for each file that a component reads, and none twice', () => {
    const rows = FACTS.map(({ component, role }) => `${component} ${role}`);
    expect(new Set(rows).size).toBe(rows.length);
    expect(rows).toEqual([
      'repo-server client-ca',
      'repo-server serving',
      ...CLIENT_COMPONENTS.flatMap((client) =>
        ['client-leaf', 'server-ca', 'ca-path', 'serving'].map((role) => `${client} ${role}`),
      ),
    ]);
  });

  test('says for each row what happens with the file good and with it absent at start, and no event twice', () => {
    for (const { behaviours } of FACTS) {
      const events = behaviours.map(({ event }) => event);
      expect(events).toEqual(expect.arrayContaining(['good-at-start', 'absent-at-start']));
      expect(new Set(events).size).toBe(events.length);
    }
  });

  test('lets no file that is read once at start have an effect later', () => {
    for (const { when, behaviours } of FACTS) {
      if (when !== 'at-start') continue;
      const later = behaviours.filter(({ event }) => event.endsWith('-later'));
      expect(later.every((behaviour) => behaviour.outcome === 'ignored')).toBe(true);
    }
  });

  test('names file and tag of its source in every row', () => {
    for (const { source } of FACTS)
      expect(source).toMatchObject({ file: expect.stringMatching(/\.go/), tag: 'v3.6.1' });
  });
});

describe('what the planner asks', () => {
  test.each(['server', 'application-controller', 'applicationset-controller'] as const)(
    '%s takes a new leaf on the next call, without a restart',
    (component) => {
      expect(readingTime(component, 'client-leaf', 'kubelet')).toBe('per-call');
      expect(hotReloads(component, 'client-leaf', 'kubelet')).toBe(true);
      expect(outcome(component, 'client-leaf', 'appears-later')).toBe('used-next');
    },
  );

  test('notifications-controller takes a renewed leaf, but never notices the first one', () => {
    expect(readingTime('notifications-controller', 'client-leaf', 'kubelet')).toBe('existence-at-start');
    expect(outcome('notifications-controller', 'client-leaf', 'changes-later')).toBe('used-next');
    expect(outcome('notifications-controller', 'client-leaf', 'appears-later')).toBe('ignored');
  });

  test.each(CLIENT_COMPONENTS)('%s behind a subPath mount needs a restart for a leaf', (component) => {
    expect(readingTime(component, 'client-leaf', 'never')).toBe('at-start');
  });

  test.each([
    ['repo-server', 'client-ca'],
    ['repo-server', 'serving'],
    ['server', 'server-ca'],
    ['notifications-controller', 'server-ca'],
    ['application-controller', 'ca-path'],
  ] as const)('%s reads %s once, at start', (component, role) => {
    expect(readingTime(component, role, 'kubelet')).toBe('at-start');
  });

  test('every component reads something, and repo-server no leaf', () => {
    expect(COMPONENTS.every((component) => reads(component, 'serving'))).toBe(true);
    expect(reads('repo-server', 'client-leaf')).toBe(false);
  });

  test('a question about a row that is not there is an error, not a guess', () => {
    expect(() => readingTime('repo-server', 'client-leaf', 'kubelet')).toThrow(
      /no row for client-leaf of repo-server/,
    );
  });

  test.each([
    ['the default install', workloadOf('server'), 'per-call'],
    ['both files by subPath', bySubPath(workloadOf('server'), 'client.crt', 'client.key'), 'at-start'],
    ['the key left out of the items', withoutItem(workloadOf('server'), 'client.key'), 'never'],
    ['nothing mounted', withoutMtls(workloadOf('server')), 'never'],
  ] as const)('the leaf of a client with %s is read accordingly', (_, workload, expected) => {
    expect(leafReading('server', readClientMounts('server', workload.template, {}))).toBe(expected);
  });
});
