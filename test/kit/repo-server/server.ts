/**
 * A repo-server process: a real TLS endpoint that does with its clients what Argo CD's does, from the files that it finds at its start.
 *
 * Where it differs from the real one: TLS 1.3 only, two session tickets before an alert, no Argo CD calls but the health check.
 *
 * **Invariant:** what it was started with never changes while it lives.
 */
import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';
import { makeCa, subjectAltName, USAGE } from '../pki/index.ts';
import { keyPem } from '../pki/keys.ts';
import { AlertWriter, CIPHER_SUITE } from './alert-record.ts';
import { chainOf, parsable } from './certificates.ts';
import { refusal } from './go-verify.ts';
import { HEALTH_CHECK, SERVING } from './grpc.ts';
import { TappedSocket } from './tapped-socket.ts';

/** The files at its start. */
export interface RepoServerFiles {
  /** `client-ca.crt`; undefined where there is no such file, and then nobody is asked for a certificate. */
  readonly clientCaPem?: string | undefined;
  /** `tls.crt` and `tls.key`; self-signed for `localhost,reposerver` where absent. */
  readonly serving?: { readonly certificatePem: string; readonly keyPem: string } | undefined;
}

export interface RepoServerOptions extends RepoServerFiles {
  readonly host: string;
  /** 0 for any. */
  readonly port: number;
  /** Time by which certificates are judged. */
  readonly now?: () => number;
}

export interface RepoServer {
  readonly host: string;
  readonly port: number;
  /** Calls that were answered so far. */
  readonly answered: () => number;
  /** Connections refused so far, by alert. */
  readonly refused: () => ReadonlyMap<number, number>;
  /** Ends every connection and leaves the port. */
  stop(): Promise<void>;
}

const ALPN_H2 = Buffer.from('\x02h2', 'latin1');

const selfSigned = (): { readonly certificatePem: string; readonly keyPem: string } => {
  const made = makeCa({
    name: 'Argo CD',
    ca: false,
    usages: [USAGE.server],
    extensions: [subjectAltName({ dns: ['localhost', 'reposerver'], ips: [], uris: [] })],
  });
  return { certificatePem: made.pem, keyPem: keyPem(made.key) };
};

/**
 * Starts one.
 *
 * @throws Error where the real process would not start: a `client-ca.crt` without any certificate, a pair that doesn't match.
 */
export const startRepoServer = async (options: RepoServerOptions): Promise<RepoServer> => {
  const now = options.now ?? Date.now;
  const anchors = options.clientCaPem === undefined ? undefined : parsable(options.clientCaPem);
  if (anchors?.length === 0) {
    throw new Error('repo-server would not start: no certificate in client-ca.crt');
  }
  const serving = options.serving ?? selfSigned();
  const secureContext = tls.createSecureContext({
    cert: serving.certificatePem,
    key: serving.keyPem,
    ...(anchors === undefined ? {} : { ca: anchors.map(String) }),
    minVersion: 'TLSv1.3',
    ciphers: CIPHER_SUITE,
  });
  const sockets = new Set<net.Socket>();
  const refused = new Map<number, number>();
  let answered = 0;

  const calls = http2.createServer();
  calls.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const known = headers[':path'] === HEALTH_CHECK;
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': known ? '0' : '12' }));
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.end(known ? SERVING : Buffer.alloc(0));
    answered += known ? 1 : 0;
  });
  calls.on('session', (session) => session.on('error', () => undefined));

  const listener = net.createServer((raw) => {
    sockets.add(raw);
    raw.on('close', () => sockets.delete(raw));
    const writer = new AlertWriter();
    const wire = new TappedSocket(raw, (chunk) => writer.sent(chunk));
    const socket = new tls.TLSSocket(wire, {
      isServer: true,
      secureContext,
      requestCert: anchors !== undefined,
      rejectUnauthorized: false,
      ALPNProtocols: ALPN_H2,
    });
    socket.on('keylog', (line) => writer.keylog(line));
    socket.on('error', () => raw.destroy());
    socket.on('secure', () => {
      const alert = anchors === undefined ? undefined : refusal(chainOf(socket), anchors, now());
      if (alert === undefined) {
        calls.emit('connection', socket);
        // A TLS socket of no server never says so itself, and HTTP/2 waits for it.
        socket.emit('secureConnect');
        return;
      }
      refused.set(alert, (refused.get(alert) ?? 0) + 1);
      // A turn later the tickets are on their way, and counted.
      setImmediate(() => {
        wire.lastWord(writer.record(alert));
        socket.destroy();
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(options.port, options.host, () => resolve());
  });
  const address = listener.address();
  return {
    host: options.host,
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    answered: () => answered,
    refused: () => new Map(refused),
    stop: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        for (const socket of sockets) {
          socket.destroy();
        }
        calls.close();
      }),
  };
};
