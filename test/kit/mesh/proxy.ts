/**
 * A mesh's proxy in front of a repo-server: real TLS that it ends itself, or bytes that it passes through.
 *
 * ```
 *  strict       asks for a certificate of its mesh and refuses all others by a TLS alert, as Envoy and Go do
 *  terminating  asks for nothing, answers every call itself
 *  permissive   passes what doesn't come from its mesh through to repo-server, byte by byte
 *  closing      hangs up
 * ```
 */
import http2 from 'node:http2';
import net from 'node:net';
import { type Identity, makeCa, makeLeaf } from '../pki/index.ts';
import { startRepoServer } from '../repo-server/server.ts';

export type ProxyMode = 'strict' | 'terminating' | 'permissive' | 'closing';

export interface MeshProxyServer {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

interface Upstream {
  readonly host: string;
  readonly port: number;
}

const pipe = (socket: net.Socket, upstream: Upstream): void => {
  const through = net.connect(upstream.port, upstream.host);
  for (const [from, to] of [
    [socket, through],
    [through, socket],
  ] as const) {
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.pipe(to);
  }
};

const listenerOf = (mode: Exclude<ProxyMode, 'strict'>, own: Identity, upstream: Upstream) => {
  switch (mode) {
    case 'permissive':
      return net.createServer((socket) => pipe(socket, upstream));
    case 'closing':
      return net.createServer((socket) => socket.destroy());
    case 'terminating': {
      const server = http2.createSecureServer({ cert: own.chainPem, key: own.keyPem });
      server.on('stream', (stream) => {
        stream.on('error', () => undefined);
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.end();
      });
      return server;
    }
  }
};

/** Starts one on any port of loopback. */
export const startMeshProxy = async (mode: ProxyMode, upstream: Upstream): Promise<MeshProxyServer> => {
  const host = '127.0.0.1';
  const mesh = makeCa({ name: 'Mesh' });
  const own = makeLeaf(mesh, { dns: ['argocd-repo-server.argocd.serviceaccount.identity.mesh.local'] });
  if (mode === 'strict') {
    // What ends TLS and refuses by the right alerts is there already: a repo-server that trusts the mesh's CA only.
    const serving = { certificatePem: own.chainPem, keyPem: own.keyPem };
    return await startRepoServer({ clientCaPem: mesh.pem, serving, host, port: 0 });
  }
  const server = listenerOf(mode, own, upstream);
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, host, () => resolve()));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    host,
    port: address.port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
