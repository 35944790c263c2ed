/**
 * Argo CD's own repo-server as one process on loopback, without Kubernetes, and calls to it.
 *
 * **Invariant:** the program is the released one, unchanged; only its files and arguments are ours.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallOutcome } from '../../../agent/model/evidence.ts';
import { SecretBytes } from '../../../agent/model/secret-bytes.ts';
import type { DialAnswer, DialCredential } from '../../../agent/ports.ts';
import { createDialer } from '../../../agent/verification/handshake.ts';
import { strangers } from '../../../agent/verification/stranger.ts';
import type { Identity } from '../../kit/pki/index.ts';
import { program } from '../harness/parts.ts';
import { folder, freePort, type Program, start } from './process.ts';

/** Files of one repo-server: what the two Secrets would show. */
export interface Files {
  readonly directory: string;
  write(file: string, content: string): void;
  remove(file: string): void;
  path(file: string): string;
}

export const CLIENT_CA = 'reposerver/mtls/client-ca.crt';
export const SERVING = { certificate: 'reposerver/tls/tls.crt', key: 'reposerver/tls/tls.key' } as const;

export function files(): Files {
  const directory = folder();
  const path = (file: string): string => join(directory, file);
  return {
    directory,
    path,
    write: (file, content) => {
      mkdirSync(join(path(file), '..'), { recursive: true });
      writeFileSync(path(file), content);
    },
    remove: (file) => rmSync(path(file), { force: true }),
  };
}

export interface RepoServer {
  readonly process: Program;
  readonly port: number;
  call(credential: DialCredential): Promise<DialAnswer>;
}

const clock = {
  now: () => Date.now(),
  after: (delay: number, callback: () => void) => {
    const timer = setTimeout(callback, delay);
    return () => clearTimeout(timer);
  },
};
const dialer = createDialer(
  clock,
  strangers(clock, { hex: (bytes) => Buffer.alloc(bytes, 7).toString('hex') }),
);

/** Starts it without waiting: for checks in which it doesn't come up. */
export async function launchRepoServer(
  on: Files,
  args: readonly string[] = [],
  chosen?: number,
): Promise<RepoServer> {
  const [port, metrics] = [chosen ?? (await freePort()), await freePort()];
  const process = start(
    await program('argocd'),
    [
      `--client-ca-path=${on.path(CLIENT_CA)}`,
      '--address=127.0.0.1',
      `--port=${port}`,
      '--metrics-address=127.0.0.1',
      `--metrics-port=${metrics}`,
      '--redis=127.0.0.1:1',
      ...args,
    ],
    {
      ARGOCD_BINARY_NAME: 'argocd-repo-server',
      // Refused handshakes are told by gRPC's own log only.
      GRPC_GO_LOG_SEVERITY_LEVEL: 'info',
      ARGOCD_GPG_ENABLED: 'false',
      ARGOCD_APP_CONF_PATH: on.directory,
      ARGOCD_PLUGINSOCKFILEPATH: folder(),
      TMPDIR: folder(),
    },
  );
  return {
    process,
    port,
    call: (credential) =>
      dialer.call({ host: '127.0.0.1', port, serverName: 'argocd-repo-server' }, credential, 5_000),
  };
}

/** Starts it and waits until it listens. */
export async function startRepoServer(on: Files, args: readonly string[] = []): Promise<RepoServer> {
  const server = await launchRepoServer(on, args);
  await server.process.said('starting grpc server');
  return server;
}

/** Starts another in the place of one that was stopped, on the same port. */
export async function replaceRepoServer(stopped: RepoServer, on: Files): Promise<RepoServer> {
  const next = await launchRepoServer(on, [], stopped.port);
  await next.process.said('starting grpc server');
  return next;
}

export const NOBODY: DialCredential = { as: 'nobody' };
export const STRANGER: DialCredential = { as: 'stranger' };

export const as = (identity: Identity): DialCredential => ({
  as: 'leaf',
  leaf: identity.certificate.fingerprint,
  certificatePem: identity.chainPem,
  key: SecretBytes.of(identity.keyPem),
});

/** `accepted`, the alert's name, or why nothing can be said. */
export function verdict(outcome: CallOutcome): string {
  if (outcome.result === 'accepted') return 'accepted';
  return outcome.result === 'refused' ? outcome.alert : `unknown: ${outcome.why}`;
}
