/** Files as a source in a configuration file: what they become for every role, and how they are refused. */
import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../agent/config/parse.ts';
import { renderProblem } from '../../agent/config/problem.ts';
import { flatten, rightsOf } from '../../agent/config/rights.ts';

const parse = (instance: string) =>
  parseConfig(
    `{ apiVersion: mtls-rotator/v1alpha1, kind: RotatorConfig, instances: [{ name: a, namespace: a, ${instance} }] }`,
  );

const instanceOf = (text: string) => {
  const parsed = parse(text);
  const instance = parsed.ok ? parsed.settings.instances[0] : undefined;
  if (instance === undefined) throw new Error(JSON.stringify(parsed));
  return instance;
};

test('files are a source of clients, of single clients and of repo-server, with what is not given at its default', () => {
  const { clients, serving } = instanceOf(`layout: { type: keys }, clients: {
      default: { files: { directory: /c } },
      server: { files: { directory: /s, pkcs12: { passwordFile: /p/word } } } },
    serving: { files: { directory: /le/live, within: /le, fields: { key: k }, caFile: /roots/ca.crt, poll: 1m } }`);
  const none = {
    type: 'files',
    within: undefined,
    fields: {},
    pkcs12: undefined,
    caFile: undefined,
    poll: 10_000,
  };
  expect(clients).toEqual({
    default: { ...none, directory: '/c' },
    byComponent: {
      server: { ...none, directory: '/s', pkcs12: { file: 'keystore.p12', passwordFile: '/p/word' } },
    },
  });
  expect(serving).toEqual({
    ...none,
    directory: '/le/live',
    within: '/le',
    fields: { key: 'k' },
    caFile: '/roots/ca.crt',
    poll: 60_000,
  });
});

test('files need no right but those that every instance needs', () => {
  const rights = flatten(rightsOf(instanceOf('clients: { default: { files: { directory: /c } } }')));
  expect(rights.filter((right) => /certificates|externalsecrets/.test(right))).toEqual([]);
});

describe('what is not allowed is told by its place', () => {
  test.each([
    ['a relative directory', 'directory: certificates', 'files.directory'],
    ['a way out of it', 'directory: /certificates/../etc', 'files.directory'],
    ['no directory', 'caFile: /ca.crt', 'files.directory'],
    ['a path in place of a name', 'directory: /c, fields: { key: ../tls.key }', 'files.fields.key'],
    ['a CA that is a directory', 'directory: /c, caFile: /roots/', 'files.caFile'],
    ['a password itself', 'directory: /c, pkcs12: { password: hunter2 }', 'files.pkcs12'],
    ['looking without a pause', 'directory: /c, poll: 10ms', 'files.poll'],
    ['names of a PKCS#12', 'directory: /c, fields: { key: k }, pkcs12: { passwordFile: /p }', 'files.fields'],
  ])('%s', (_, options, place) => {
    const parsed = parse(`clients: { default: { files: { ${options} } } }`);
    const told = parsed.ok ? [] : parsed.problems.map(renderProblem);
    expect(told.join('\n')).toContain(`clients.default.${place}`);
    expect(told.join('\n')).not.toContain('hunter2');
  });
});
