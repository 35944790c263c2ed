/**
 * The real call: one fresh TCP and TLS connection, one gRPC health check on it, and what came of it.
 *
 * **Invariant:** `accepted` is an answered call, never a completed handshake: a TLS 1.3 client learns of its refusal only on the first read.
 * A call never throws, ends within its time-out, and leaves neither socket nor timer behind.
 */
import { createHash } from 'node:crypto';
import http2 from 'node:http2';
import { isIP } from 'node:net';
import tls from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import type { CallOutcome } from '../model/evidence.ts';
import type { Fingerprint } from '../model/fingerprint.ts';
import { PRODUCT } from '../model/product.ts';
import type { Duration } from '../model/terms.ts';
import type { Clock, DialAnswer, DialCredential, Dialer, DialTarget } from '../ports.ts';
import { outcomeOfError } from './alerts.ts';
import type { Stranger } from './stranger.ts';

/** A gRPC message: not compressed, length 0. HealthCheckRequest with no service named is the empty message. */
const EMPTY_MESSAGE = Buffer.alloc(5);

const HEALTH_CHECK: http2.OutgoingHttpHeaders = {
  ':method': 'POST',
  ':path': '/grpc.health.v1.Health/Check',
  'content-type': 'application/grpc',
  te: 'trailers',
  'user-agent': PRODUCT,
};

const unknown = (why: string): CallOutcome => ({ result: 'unknown', why });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Only what identifies the caller; empty for nobody. */
const identityOf = async (
  credential: DialCredential,
  stranger: () => Promise<Stranger>,
): Promise<{ readonly cert?: string; readonly key?: string }> => {
  switch (credential.as) {
    case 'nobody':
      return {};
    case 'stranger': {
      const made = await stranger();
      return { cert: made.certificatePem, key: made.key.reveal() };
    }
    case 'leaf':
      return { cert: credential.certificatePem, key: credential.key.reveal() };
  }
};

/** A mesh's sidecar shows a SPIFFE identity without any DNS name; its own demand for certificates is not repo-server's. */
const looksLikeMeshProxy = (certificate: tls.PeerCertificate, serverName: string): boolean =>
  (certificate.subjectaltname ?? '').includes('URI:spiffe://') &&
  tls.checkServerIdentity(serverName, certificate) !== undefined;

/** What repo-server makes for itself at start where it has no tls.crt (argo-cd v3.6.1, reposerver/server.go, util/tls/tls.go). */
const looksSelfMade = ({ subject, issuer, subjectaltname }: tls.PeerCertificate): boolean =>
  isDeepStrictEqual({ ...subject }, { ...issuer }) &&
  (subjectaltname ?? '').split(', ').toSorted().join() === 'DNS:localhost,DNS:reposerver';

/** What the first answer's headers say. Argo CD's gRPC server sends neither `server` nor `via`; proxies do. */
const outcomeOfHeaders = (
  headers: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader,
): CallOutcome => {
  const proxy = headers.via ?? headers.server;
  if (proxy !== undefined) {
    return unknown(`a proxy answered: ${proxy}`);
  }
  const type = headers['content-type'] ?? 'no content-type';
  return headers[':status'] === 200 && type.startsWith('application/grpc')
    ? { result: 'accepted' }
    : unknown(`not a gRPC answer: HTTP ${headers[':status']}, ${type}`);
};

const authorityOf = ({ serverName, port }: DialTarget): string =>
  `https://${isIP(serverName) === 6 ? `[${serverName}]` : serverName}:${port}`;

const connectAndCall = (
  target: DialTarget,
  identity: { readonly cert?: string; readonly key?: string },
  timeout: Duration,
  clock: Clock,
): Promise<Omit<DialAnswer, 'duration'>> =>
  new Promise((resolve) => {
    let settled = false;
    let presented: Fingerprint | undefined;
    let selfMade = false;
    let behindProxy = false;
    let session: http2.ClientHttp2Session | undefined;

    const socket = tls.connect({
      host: target.host,
      port: target.port,
      // SNI takes no addresses (RFC 6066 §3).
      ...(isIP(target.serverName) === 0 ? { servername: target.serverName } : {}),
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['h2'],
      // What is presented is looked at, not trusted; whether clients would trust it is decided elsewhere from its fingerprint.
      rejectUnauthorized: false,
      ...identity,
    });

    const settle = (outcome: CallOutcome): void => {
      if (settled) {
        return;
      }
      settled = true;
      cancel();
      session?.destroy();
      socket.destroy();
      const proxied = behindProxy
        ? unknown('a proxy with a mesh identity (spiffe) answers on this port')
        : undefined;
      resolve({ outcome: proxied ?? outcome, presented, ...(selfMade && { selfMade }) });
    };
    const cancel = clock.after(timeout, () => settle(unknown(`no answer within ${timeout} ms`)));

    const look = (): void => {
      if (presented !== undefined) {
        return;
      }
      const certificate = socket.getPeerCertificate();
      if (certificate?.raw !== undefined) {
        presented = createHash('sha256').update(certificate.raw).digest('hex') as Fingerprint;
        selfMade = looksSelfMade(certificate);
        behindProxy = looksLikeMeshProxy(certificate, target.serverName);
      }
    };
    // 'keylog' marks the points between ServerHello and Finished; a TLS 1.2 refusal comes before any other event could show
    // the server's certificate. The line itself (a secret) is not looked at.
    socket.on('keylog', look);

    socket.on('error', (error: NodeJS.ErrnoException) =>
      settle(outcomeOfError(error, presented !== undefined)),
    );
    // An error always comes before 'close', so an alert is never lost to this.
    socket.on('close', () => settle(unknown('the connection was closed without an answer')));

    socket.once('secureConnect', () => {
      look();
      if (settled) {
        return;
      }
      if (socket.alpnProtocol !== 'h2') {
        settle(
          unknown('the other side does not speak HTTP/2 (ALPN): not a repo-server, or a proxy in the way'),
        );
        return;
      }
      try {
        session = http2.connect(authorityOf(target), {
          createConnection: () => socket,
        });
        ask(session, settle);
      } catch (error) {
        settle(unknown(messageOf(error)));
      }
    });
  });

/**
 * One call on a session. Waits for the server's SETTINGS before it writes the request: a write after a refused server has closed
 * would meet a reset that hides the alert.
 */
const ask = (session: http2.ClientHttp2Session, settle: (outcome: CallOutcome) => void): void => {
  // The socket tells of errors in full; here they only must not go unheard.
  session.on('error', () => undefined);
  session.once('close', () =>
    setImmediate(() => settle(unknown('the connection was closed without an answer'))),
  );
  session.once('goaway', (code) => settle(unknown(`GOAWAY (${code}) instead of an answer`)));
  session.once('remoteSettings', () => {
    if (session.destroyed || session.closed) {
      return;
    }
    const stream = session.request(HEALTH_CHECK);
    stream.once('response', (headers) => settle(outcomeOfHeaders(headers)));
    stream.on('error', (error: Error) => {
      // One turn later: where the socket has a reason of its own, it comes first.
      setImmediate(() => settle(unknown(`the call was cut off: ${error.message}`)));
    });
    stream.once('close', () => setImmediate(() => settle(unknown('the call was closed without an answer'))));
    stream.end(EMPTY_MESSAGE);
  });
};

/** The {@link Dialer} on node:tls and node:http2. */
export const createDialer = (clock: Clock, stranger: () => Promise<Stranger>): Dialer => ({
  call: async (target, credential, timeout) => {
    let startedAt = clock.now();
    try {
      const identity = await identityOf(credential, stranger);
      startedAt = clock.now();
      const answer = await connectAndCall(target, identity, timeout, clock);
      return { ...answer, duration: clock.now() - startedAt };
    } catch (error) {
      // A pair that OpenSSL doesn't take: nothing was sent, so nothing is known.
      return {
        outcome: unknown(`the credential can't be used: ${messageOf(error)}`),
        presented: undefined,
        duration: clock.now() - startedAt,
      };
    }
  },
});
