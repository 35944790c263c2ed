/**
 * A client of repo-server: server, application-controller, applicationset-controller or notifications-controller.
 *
 * **Invariant:** follows "Who reads what, and when" of the facts: its leaf on every call, the server's CA once at start;
 * notifications-controller looks once whether there is a leaf, and holds one connection to each server as long as that lasts.
 *
 * Not played: the cache of a pair by its files' mtimes (an older mtime is never picked up).
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type CallResult, type Connection, connect, type Target } from './client-call.ts';
import type { StartSettings } from './start-settings.ts';

export interface ClientProcess {
  /** One call, without retry. */
  call(target: Target): Promise<CallResult>;
  stop(): void;
}

export interface ClientOptions {
  readonly component: string;
  readonly settings: StartSettings;
  /** What the pod's file system holds at the moment of the call. */
  readonly file: (path: string) => string | undefined;
}

/** These two build their client at start, and stop where the pair is bad. */
const DIAL_AT_START: readonly string[] = ['server', 'notifications-controller'];

const checkPair = (certificatePem: string | undefined, keyPem: string | undefined): void => {
  if (certificatePem === undefined && keyPem === undefined) {
    return;
  }
  if (certificatePem === undefined || keyPem === undefined) {
    throw new Error('client.crt and client.key must be there both');
  }
  if (!new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem))) {
    throw new Error('client.key does not belong to client.crt');
  }
};

/** @throws Error where the real program would stop at its start. */
export const startClient = ({ component, settings, file }: ClientOptions): ClientProcess => {
  const pair = () => ({ certificatePem: file(settings.clientCertificate), keyPem: file(settings.clientKey) });
  const serverCa = settings.serverCa === '' ? ('off' as const) : { pem: file(settings.serverCa) ?? '' };
  const atStart = pair();
  if (DIAL_AT_START.includes(component)) {
    checkPair(atStart.certificatePem, atStart.keyPem);
  }
  if (component !== 'notifications-controller') {
    return {
      call: async (target) => {
        const connection = connect(target, { ...pair(), serverCa });
        try {
          return await connection.call();
        } finally {
          connection.close();
        }
      },
      stop: () => undefined,
    };
  }
  const showsCertificate = atStart.certificatePem !== undefined;
  const held = new Map<string, Connection>();
  return {
    call: async (target) => {
      const key = `${target.host}:${target.port}`;
      const known = held.get(key);
      if (known?.open()) {
        const result = await known.call();
        // grpc-go dials anew, unseen by the caller, where the connection that it held has gone.
        if (result.answered || result.why === 'tls') return result;
      }
      const connection = connect(target, { ...(showsCertificate ? pair() : {}), serverCa });
      held.set(key, connection);
      return connection.call();
    },
    stop: () => {
      for (const connection of held.values()) connection.close();
    },
  };
};
