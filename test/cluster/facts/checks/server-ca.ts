/**
 * What each client verifies repo-server by: its CA path, the file there, and strict-tls.
 */
import { expect } from '@jest/globals';
import type { ClientComponent } from '../../../../agent/model/terms.ts';
import { sleep } from '../../harness/wait.ts';
import { type ClientOptions, endOfClient, SERVER_CA, strictRootFiles } from '../client.ts';
import { meet, repoServer, SERVER_CAS, SERVING_LEAF, type Verdict } from '../meeting.ts';
import { type Files, files } from '../repo-server.ts';
import { A_WHILE, type Checks } from './check.ts';

const GARBAGE = 'no PEM\n';
const MALFORMED = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const RIGHT = SERVER_CAS.right.pem;
const WRONG = SERVER_CAS.wrong.pem;

/** One way of verifying: where the roots lie, and how the client is told. */
interface Way {
  readonly file: string;
  readonly options: (on: Files) => ClientOptions;
}

const byPath = (): Way => ({ file: SERVER_CA, options: (on) => ({ caPath: on.path(SERVER_CA) }) });
const strictly = (component: ClientComponent): Way => ({
  file: strictRootFiles(component).ca,
  options: () => ({ strict: true }),
});

const put = (on: Files, file: string, content: string | undefined): void =>
  content === undefined ? on.remove(file) : on.write(file, content);

async function verdictOf(
  component: ClientComponent,
  way: Way,
  content: string | undefined,
): Promise<Verdict> {
  const on = files();
  put(on, way.file, content);
  return (await meet(component, on, false, way.options(on))).verdict();
}

async function doesNotStart(component: ClientComponent, way: Way): Promise<void> {
  const on = files();
  on.write(way.file, GARBAGE);
  const { server } = await repoServer({ mtls: false });
  const { code, output } = await endOfClient(component, on, server.port, way.options(on));
  expect(code).toBe(1);
  expect(output).toContain('invalid cert data');
}

/** Changes the file under a running client: nothing happens; the next client goes by the new content. */
async function ignored(
  component: ClientComponent,
  way: Way,
  [before, after]: readonly [string | undefined, string | undefined],
  [meanwhile, next]: readonly [Verdict, Verdict | 'does-not-start'],
): Promise<void> {
  const on = files();
  put(on, way.file, before);
  const meeting = await meet(component, on, false, way.options(on));
  expect(await meeting.verdict()).toBe(meanwhile);
  put(on, way.file, after);
  await sleep(A_WHILE);
  expect(await meeting.verdict()).toBe(meanwhile);
  if (next === 'does-not-start') await doesNotStart(component, way);
  else expect(await verdictOf(component, way, after)).toBe(next);
}

const waysLater = (name: string, wayOf: (component: ClientComponent) => Way): Checks<ClientComponent> => ({
  [`${name}/appears-later`]: (component) =>
    ignored(component, wayOf(component), [undefined, RIGHT], ['distrusts-the-server', 'answered']),
  [`${name}/changes-later`]: (component) =>
    ignored(component, wayOf(component), [RIGHT, WRONG], ['answered', 'distrusts-the-server']),
  [`${name}/vanishes-later`]: (component) =>
    ignored(component, wayOf(component), [RIGHT, undefined], ['answered', 'distrusts-the-server']),
  [`${name}/turns-bad-later`]: (component) =>
    ignored(component, wayOf(component), [RIGHT, GARBAGE], ['answered', 'does-not-start']),
});

export const SERVER_CA_CHECKS: Checks<ClientComponent> = {
  'server-ca/good-at-start': async (component) => {
    expect(await verdictOf(component, byPath(), RIGHT)).toBe('answered');
    expect(await verdictOf(component, byPath(), WRONG)).toBe('distrusts-the-server');
    expect(await verdictOf(component, byPath(), WRONG + RIGHT)).toBe('answered');
  },
  'server-ca/absent-at-start': async (component) => {
    expect(await verdictOf(component, byPath(), undefined)).toBe('distrusts-the-server');
  },
  'server-ca/partly-bad-at-start': async (component) => {
    expect(await verdictOf(component, byPath(), MALFORMED + RIGHT)).toBe('answered');
  },
  'server-ca/bad-at-start': (component) => doesNotStart(component, byPath()),
  ...waysLater('server-ca', byPath),

  'ca-path/absent-at-start': async (component) => {
    expect(await (await meet(component, files(), false)).verdict()).toBe('answered');
    expect(await (await meet(component, files(), false, { caPath: '' })).verdict()).toBe('answered');
  },
  'ca-path/good-at-start': async (component) => {
    expect(await verdictOf(component, byPath(), WRONG)).toBe('distrusts-the-server');
    // It goes before strict-tls, whose roots are then not looked at.
    const on = files();
    on.write(SERVER_CA, RIGHT);
    on.write(strictRootFiles(component).ca, WRONG);
    const both = await meet(component, on, false, { caPath: on.path(SERVER_CA), strict: true });
    expect(await both.verdict()).toBe('answered');
  },

  'strict-roots/good-at-start': async (component) => {
    expect(await verdictOf(component, strictly(component), RIGHT)).toBe('answered');
    expect(await verdictOf(component, strictly(component), WRONG)).toBe('distrusts-the-server');
    const itself = { ...strictly(component), file: strictRootFiles(component).certificate };
    expect(await verdictOf(component, itself, SERVING_LEAF.pem)).toBe('answered');
  },
  'strict-roots/absent-at-start': async (component) => {
    expect(await verdictOf(component, strictly(component), undefined)).toBe('distrusts-the-server');
  },
  'strict-roots/bad-at-start': (component) => doesNotStart(component, strictly(component)),
  ...waysLater('strict-roots', strictly),
};
