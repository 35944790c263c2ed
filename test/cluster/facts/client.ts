/**
 * One of Argo CD's clients as a process: Argo CD's own client code (`parts/argocd/clientprobe`), with files and variables of ours.
 *
 * **Invariant:** how a client loads its files is Argo CD's code, never rewritten here.
 */
import { utimesSync } from 'node:fs';
import type { ClientComponent } from '../../../agent/model/terms.ts';
import type { Identity } from '../../kit/pki/index.ts';
import { program } from '../harness/parts.ts';
import { until } from '../harness/wait.ts';
import { type Exit, type Program, start } from './process.ts';
import type { Files } from './repo-server.ts';

/** The prefix of each component's variables, and where strict-tls looks for roots (cmd/*\/commands at v3.6.1). */
const NAMES: Readonly<
  Record<ClientComponent, { readonly prefix: string; readonly strict: string; readonly address: string }>
> = {
  server: { prefix: 'SERVER', strict: 'server/tls', address: 'repo-server' },
  'application-controller': {
    prefix: 'APPLICATION_CONTROLLER',
    strict: 'controller/tls',
    address: 'repo-server',
  },
  'applicationset-controller': {
    prefix: 'APPLICATIONSET_CONTROLLER',
    strict: 'reposerver/tls',
    address: 'argocd-repo-server',
  },
  'notifications-controller': {
    prefix: 'NOTIFICATION_CONTROLLER',
    strict: 'reposerver/tls',
    address: 'argocd-repo-server',
  },
};

export const LEAF = { certificate: 'reposerver/mtls/client.crt', key: 'reposerver/mtls/client.key' } as const;
export const SERVER_CA = 'reposerver/mtls/server-ca.crt';

/** The files that strict-tls of this component takes as roots. */
export const strictRootFiles = (component: ClientComponent) => ({
  certificate: `${NAMES[component].strict}/tls.crt`,
  ca: `${NAMES[component].strict}/ca.crt`,
});

export interface ClientOptions {
  readonly caPath?: string;
  readonly strict?: boolean;
}

export interface Client {
  readonly process: Program;
  /** Makes one call: `answered`, or what went wrong. */
  call(): Promise<string>;
}

/** A way to have one of the clients run: by its client code alone, or as the program itself. */
export interface Subject {
  readonly component: ClientComponent;
  /** What it prints once it runs. */
  readonly running: string;
  /** Starts it with these files, against a repo-server on this port, without waiting. */
  launch(on: Files, port: number, options: ClientOptions): Promise<Client>;
}

/** Variables and flags that point a component at a repo-server and at files of ours. */
export function clientSetting(component: ClientComponent, on: Files, port: number, options: ClientOptions) {
  const { prefix, address } = NAMES[component];
  const strict =
    component === 'notifications-controller' ? '--argocd-repo-server-strict-tls' : '--repo-server-strict-tls';
  const env: Readonly<Record<string, string>> = {
    ARGOCD_APP_CONF_PATH: on.directory,
    [`ARGOCD_${prefix}_REPO_SERVER_CLIENT_CERT_PATH`]: on.path(LEAF.certificate),
    [`ARGOCD_${prefix}_REPO_SERVER_CLIENT_CERT_KEY_PATH`]: on.path(LEAF.key),
    ...(options.caPath !== undefined && { [`ARGOCD_${prefix}_REPO_SERVER_CA_CERT_PATH`]: options.caPath }),
  };
  return { env, args: [`--${address}=localhost:${port}`, ...(options.strict === true ? [strict] : [])] };
}

/** The component's client code by itself, set up by Argo CD's own functions in the order of the component's command. */
export const probe = (component: ClientComponent): Subject => ({
  component,
  running: 'started',
  launch: async (on, port, options) => {
    const { env, args } = clientSetting(component, on, port, options);
    const process = start(await program('clientprobe'), [component, ...args], env);
    let calls = 0;
    return {
      process,
      call: async () => {
        calls += 1;
        process.write('call');
        const line = await until(
          'an answer of the client',
          20,
          () => (process.exit() === undefined ? answers(process)[calls - 1] : '{"error":"the client ended"}'),
          10,
        );
        const answer = JSON.parse(line) as { readonly result?: string; readonly error?: string };
        return answer.result === 'answered' ? 'answered' : (answer.error ?? '');
      },
    };
  },
});

const answers = (process: Program): readonly string[] =>
  process
    .output()
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{"') && line.includes('"result"'));

/** Starts a client and waits until the component would be running. */
export async function startClient(
  subject: Subject,
  on: Files,
  port: number,
  options: ClientOptions,
): Promise<Client> {
  const client = await subject.launch(on, port, options);
  await client.process.said(subject.running, 60);
  return client;
}

/** Starts a client that is expected to end by itself. */
export async function endOfClient(
  subject: Subject,
  on: Files,
  port: number,
  options: ClientOptions = {},
): Promise<Exit & { readonly output: string }> {
  const { process } = await subject.launch(on, port, options);
  return { ...(await process.ended(60)), output: process.output() };
}

let writes = 0;

/** Writes a pair. Each one is a minute newer than the last, so that no file system's resolution decides; `older` goes before them all. */
export function putLeaf(
  on: Files,
  identity: Partial<Pick<Identity, 'chainPem' | 'keyPem'>>,
  age: 'newer' | 'older' = 'newer',
): void {
  writes += 1;
  const seconds = Date.now() / 1000 + (age === 'newer' ? writes * 60 : -86_400);
  for (const [file, content] of [
    [LEAF.certificate, identity.chainPem],
    [LEAF.key, identity.keyPem],
  ] as const) {
    if (content === undefined) continue;
    on.write(file, content);
    utimesSync(on.path(file), seconds, seconds);
  }
}

export function removeLeaf(on: Files): void {
  on.remove(LEAF.certificate);
  on.remove(LEAF.key);
}
