/**
 * A connection to repo-server as Argo CD's clients open it (reposerver/apiclient/clientset.go), and one call on it, without retry.
 *
 * **Invariant:** shares no code with the agent's dialer.
 */
import http2 from 'node:http2';
import tls from 'node:tls';
import { chainOf, parsable } from './certificates.ts';
import { GOOD_FOR, refusal } from './go-verify.ts';
import { HEALTH_CHECK, REQUEST } from './grpc.ts';

export interface Target {
  readonly host: string;
  readonly port: number;
  /** The name that the client was told to dial. */
  readonly serverName: string;
}

export interface ConnectionFiles {
  /** `client.crt` and `client.key`; undefined for no such file. */
  readonly certificatePem?: string | undefined;
  readonly keyPem?: string | undefined;
  /** `off`: the server is not verified. Otherwise the content of `server-ca.crt`; empty for a path without a file. */
  readonly serverCa: 'off' | { readonly pem: string };
}

/** `tls`: a certificate was the reason. `connection`: something else was. */
export type CallResult =
  | { readonly answered: true }
  | { readonly answered: false; readonly why: 'tls' | 'connection'; readonly detail: string };

const TIMEOUT = 5_000;

const failed = (why: 'tls' | 'connection', detail: string): CallResult => ({ answered: false, why, detail });

/** Why Go would not go on with this server; undefined where it would. The common name counts for nothing. */
const objection = (socket: tls.TLSSocket, files: ConnectionFiles, serverName: string): string | undefined => {
  if (files.serverCa === 'off') {
    return undefined;
  }
  const alert = refusal(chainOf(socket), parsable(files.serverCa.pem), Date.now(), GOOD_FOR.servers);
  if (alert !== undefined) {
    return `the server's certificate is not accepted (as by alert ${alert})`;
  }
  const certificate = socket.getPeerCertificate();
  return certificate.subjectaltname === undefined
    ? 'the server has no subject alternative name'
    : tls.checkServerIdentity(serverName, certificate)?.message;
};

/** An open connection; `call` may be used again and again until the other side ends it. */
export interface Connection {
  readonly open: () => boolean;
  call(): Promise<CallResult>;
  close(): void;
}

const isTls = (error: NodeJS.ErrnoException): boolean => (error.code ?? '').startsWith('ERR_SSL');

/** Opens one; a failure shows on its first call. */
export const connect = (target: Target, files: ConnectionFiles): Connection => {
  const { certificatePem: cert, keyPem: key } = files;
  if ((cert === undefined) !== (key === undefined)) {
    return broken(failed('tls', 'a certificate without a key, or a key without a certificate'));
  }
  let socket: tls.TLSSocket;
  try {
    socket = tls.connect({
      host: target.host,
      port: target.port,
      servername: target.serverName,
      ALPNProtocols: ['h2'],
      rejectUnauthorized: false,
      ...(cert !== undefined && key !== undefined ? { cert, key } : {}),
    });
  } catch (error) {
    return broken(failed('tls', String(error)));
  }
  let failure: CallResult | undefined;
  const fail = (result: CallResult): void => {
    failure ??= result;
  };
  socket.on('error', (error) => {
    fail(failed(isTls(error) ? 'tls' : 'connection', error.message));
    // HTTP/2 has taken the socket over and would leave it open after an alert.
    socket.destroy();
  });
  const session = new Promise<http2.ClientHttp2Session | undefined>((resolve) => {
    socket.on('close', () => {
      fail(failed('connection', 'closed'));
      resolve(undefined);
    });
    socket.on('secureConnect', () => {
      const reason = objection(socket, files, target.serverName);
      if (reason !== undefined) {
        fail(failed('tls', reason));
        socket.destroy();
        return;
      }
      const made = http2.connect('https://repo-server', { createConnection: () => socket });
      made.on('error', () => undefined);
      // Speak only once the server has: a refused client is told so before its first call.
      made.once('remoteSettings', () => resolve(made));
    });
  });
  return {
    open: () => failure === undefined,
    call: () =>
      new Promise<CallResult>((resolve) => {
        const timer = setTimeout(() => resolve(failed('connection', 'no answer in time')), TIMEOUT);
        const done = (result: CallResult): void => {
          clearTimeout(timer);
          socket.off('close', lost);
          resolve(result);
        };
        const lost = (): void => done(failure ?? failed('connection', 'cut off'));
        socket.once('close', lost);
        void session.then((made) => {
          if (made === undefined || made.destroyed) {
            lost();
            return;
          }
          const stream = made.request({
            ':method': 'POST',
            ':path': HEALTH_CHECK,
            'content-type': 'application/grpc',
            te: 'trailers',
          });
          stream.on('error', () => setImmediate(lost));
          stream.on('trailers', (trailers) => {
            const status = trailers['grpc-status'];
            done(status === '0' ? { answered: true } : failed('connection', `gRPC status ${status}`));
          });
          stream.on('close', () => setImmediate(lost));
          stream.resume();
          stream.end(REQUEST);
        });
      }),
    close: () => socket.destroy(),
  };
};

const broken = (result: CallResult): Connection => ({
  open: () => false,
  call: async () => result,
  close: () => undefined,
});
