/**
 * The agent's own HTTP server: /metrics, /healthz, /readyz; a sidecar's has /startupz too.
 *
 * **Invariant:** it only tells; no request changes anything, and what it tells holds no key.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Health {
  readonly ok: boolean;
  /** One line each, for people: `payments: degraded since …`. */
  readonly details: readonly string[];
}

export interface HttpProviders {
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
  /** Not ok: the process should be restarted. */
  readonly health: () => Health;
  /** Not ok: the process is not at work yet, or no more. */
  readonly readiness: () => Health;
  /** Not ok: other containers must not start yet. Left out: the path is not served. */
  readonly startup?: (() => Health) | undefined;
}

export interface HttpServer {
  /** The port that is listened on, also where port 0 was asked for. */
  readonly port: number;
  /** Takes no new request, lets answers under way end, then closes. */
  close(): Promise<void>;
}

const PLAIN = 'text/plain; charset=utf-8';
/** A request that takes longer than this to arrive is no scrape and no probe. Milliseconds. */
const REQUEST_TIMEOUT = 10_000;

/** Rejects where the address can't be listened on. */
export const startHttpServer = async (
  address: { readonly host: string; readonly port: number },
  providers: HttpProviders,
): Promise<HttpServer> => {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT }, (request, response) => {
    const path = (request.url ?? '/').replace(/[?#].*$/s, '');
    request.resume();
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      send(response, 405, PLAIN, 'only GET\n');
      return;
    }
    answer(path, providers, response).catch(() => {
      if (!response.headersSent) send(response, 500, PLAIN, 'failed\n');
      else response.destroy();
    });
  });
  await new Promise<void>((settle, fail) => {
    server.once('error', fail);
    server.listen(address.port, address.host, () => {
      server.off('error', fail);
      settle();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((settle) => {
        server.close(() => settle());
        server.closeIdleConnections();
      }),
  };
};

const answer = async (path: string, providers: HttpProviders, response: ServerResponse): Promise<void> => {
  switch (path) {
    case '/metrics': {
      const { contentType, body } = await providers.metrics();
      send(response, 200, contentType, body.endsWith('\n') ? body : `${body}\n`);
      return;
    }
    case '/healthz':
      sendHealth(response, providers.health());
      return;
    case '/readyz':
      sendHealth(response, providers.readiness());
      return;
    case '/startupz':
      if (providers.startup === undefined) send(response, 404, PLAIN, 'not found\n');
      else sendHealth(response, providers.startup());
      return;
    default:
      send(response, 404, PLAIN, 'not found\n');
  }
};

const sendHealth = (response: ServerResponse, { ok, details }: Health): void =>
  send(response, ok ? 200 : 503, PLAIN, `${[ok ? 'ok' : 'not ok', ...details].join('\n')}\n`);

const send = (response: ServerResponse, status: number, contentType: string, body: string): void => {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
};
