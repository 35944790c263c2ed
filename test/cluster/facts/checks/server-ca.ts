/**
 * What each client verifies repo-server by: its CA path, the file there, and strict-tls.
 */
import { expect } from '@jest/globals';
import { sleep } from '../../harness/wait.ts';
import { type ClientOptions, endOfClient, SERVER_CA, type Subject, strictRootFiles } from '../client.ts';
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
const strictly = (subject: Subject): Way => ({
  file: strictRootFiles(subject.component).ca,
  options: () => ({ strict: true }),
});

const put = (on: Files, file: string, content: string | undefined): void =>
  content === undefined ? on.remove(file) : on.write(file, content);

async function verdictOf(subject: Subject, way: Way, content: string | undefined): Promise<Verdict> {
  const on = files();
  put(on, way.file, content);
  return (await meet(subject, on, false, way.options(on))).verdict();
}

async function doesNotStart(subject: Subject, way: Way): Promise<void> {
  const on = files();
  on.write(way.file, GARBAGE);
  const { server } = await repoServer({ mtls: false });
  const { code, output } = await endOfClient(subject, on, server.port, way.options(on));
  expect(code).not.toBe(0);
  expect(output).toContain('invalid cert data');
}

/** Changes the file under a running client: nothing happens; the next client goes by the new content. */
async function ignored(
  subject: Subject,
  way: Way,
  [before, after]: readonly [string | undefined, string | undefined],
  [meanwhile, next]: readonly [Verdict, Verdict | 'does-not-start'],
): Promise<void> {
  const on = files();
  put(on, way.file, before);
  const meeting = await meet(subject, on, false, way.options(on));
  expect(await meeting.verdict()).toBe(meanwhile);
  put(on, way.file, after);
  await sleep(A_WHILE);
  expect(await meeting.verdict()).toBe(meanwhile);
  if (next === 'does-not-start') await doesNotStart(subject, way);
  else expect(await verdictOf(subject, way, after)).toBe(next);
}

const waysLater = (name: string, wayOf: (subject: Subject) => Way): Checks<Subject> => ({
  [`${name}/appears-later`]: (subject) =>
    ignored(subject, wayOf(subject), [undefined, RIGHT], ['distrusts-the-server', 'answered']),
  [`${name}/changes-later`]: (subject) =>
    ignored(subject, wayOf(subject), [RIGHT, WRONG], ['answered', 'distrusts-the-server']),
  [`${name}/vanishes-later`]: (subject) =>
    ignored(subject, wayOf(subject), [RIGHT, undefined], ['answered', 'distrusts-the-server']),
  [`${name}/turns-bad-later`]: (subject) =>
    ignored(subject, wayOf(subject), [RIGHT, GARBAGE], ['answered', 'does-not-start']),
});

export const SERVER_CA_CHECKS: Checks<Subject> = {
  'server-ca/good-at-start': async (subject) => {
    expect(await verdictOf(subject, byPath(), RIGHT)).toBe('answered');
    expect(await verdictOf(subject, byPath(), WRONG)).toBe('distrusts-the-server');
    expect(await verdictOf(subject, byPath(), WRONG + RIGHT)).toBe('answered');
  },
  'server-ca/absent-at-start': async (subject) => {
    expect(await verdictOf(subject, byPath(), undefined)).toBe('distrusts-the-server');
  },
  'server-ca/partly-bad-at-start': async (subject) => {
    expect(await verdictOf(subject, byPath(), MALFORMED + RIGHT)).toBe('answered');
  },
  'server-ca/bad-at-start': (subject) => doesNotStart(subject, byPath()),
  ...waysLater('server-ca', byPath),

  'ca-path/absent-at-start': async (subject) => {
    expect(await (await meet(subject, files(), false)).verdict()).toBe('answered');
    expect(await (await meet(subject, files(), false, { caPath: '' })).verdict()).toBe('answered');
  },
  'ca-path/good-at-start': async (subject) => {
    expect(await verdictOf(subject, byPath(), WRONG)).toBe('distrusts-the-server');
    // It goes before strict-tls, whose roots are then not looked at.
    const on = files();
    on.write(SERVER_CA, RIGHT);
    on.write(strictRootFiles(subject.component).ca, WRONG);
    const both = await meet(subject, on, false, { caPath: on.path(SERVER_CA), strict: true });
    expect(await both.verdict()).toBe('answered');
  },

  'strict-roots/good-at-start': async (subject) => {
    expect(await verdictOf(subject, strictly(subject), RIGHT)).toBe('answered');
    expect(await verdictOf(subject, strictly(subject), WRONG)).toBe('distrusts-the-server');
    const itself = { ...strictly(subject), file: strictRootFiles(subject.component).certificate };
    expect(await verdictOf(subject, itself, SERVING_LEAF.pem)).toBe('answered');
  },
  'strict-roots/absent-at-start': async (subject) => {
    expect(await verdictOf(subject, strictly(subject), undefined)).toBe('distrusts-the-server');
  },
  'strict-roots/bad-at-start': (subject) => doesNotStart(subject, strictly(subject)),
  ...waysLater('strict-roots', strictly),
};
