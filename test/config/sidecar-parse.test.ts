/** What a sidecar's configuration file becomes, and how it is refused. */
import { describe, expect, test } from '@jest/globals';
import { renderProblem } from '../../agent/config/problem.ts';
import { parseSidecarConfig } from '../../agent/config/sidecar-parse.ts';
import type { SidecarSettings } from '../../agent/model/sidecar-settings.ts';

const HEAD = 'apiVersion: mtls-rotator/v1alpha1\nkind: SidecarConfig\n';
const SERVER = `${HEAD}component: server\nsources: { client: { directory: /in/client } }\n`;

const settings = (text: string): SidecarSettings => {
  const parsed = parseSidecarConfig(text);
  if (!parsed.ok) throw new Error(parsed.problems.map(renderProblem).join('\n'));
  return parsed.settings;
};
const problems = (text: string): readonly string[] => {
  const parsed = parseSidecarConfig(text);
  return parsed.ok ? [] : parsed.problems.map(renderProblem);
};

describe("a sidecar's configuration", () => {
  test('that says nothing more than it must writes where Argo CD reads, and restarts nothing', () => {
    expect(settings(SERVER)).toMatchObject({
      component: 'server',
      sources: { client: { directory: '/in/client', certificate: undefined }, clientCa: [] },
      output: { mtls: '/app/config/reposerver/mtls', serving: '/app/config/reposerver/tls' },
      files: { mode: 0o440, owner: undefined, group: undefined },
      api: 'record',
      restart: 'never',
      timing: { startWait: 60_000, settle: 10_000 },
      http: { host: '0.0.0.0', port: 8095 },
    });
  });

  test.each([
    [
      'a source of the other side',
      `${HEAD}component: server\nsources: { clientCa: [{ directory: /in }] }`,
      ['sources.clientCa', 'sources'],
    ],
    ['no source at all', `${HEAD}component: repo-server\nsources: {}`, ['sources']],
    ['a source that is written over', `${SERVER}output: { mtls: /in/client/out }`, ['output.mtls']],
    [
      'two outputs in one place',
      `${HEAD}component: repo-server\nsources: { clientCa: [{ directory: /a }], serving: { directory: /b } }\noutput: { mtls: /c, serving: /c }`,
      ['output.serving'],
    ],
    ['restarts without the API', `${SERVER}api: none\nrestart: evict`, ['restart']],
    [
      'a relative directory',
      `${HEAD}component: server\nsources: { client: { directory: in/../etc } }`,
      ['sources.client.directory'],
    ],
    ['an unknown option', `${SERVER}evictions: allowed`, ['evictions']],
  ])('with %s is refused, and says where', (_, text, places) => {
    expect(
      problems(text).map((problem) => problem.replace(/ \(line.*$/, '').replace(/: found.*$/, '')),
    ).toEqual(places);
  });
});
