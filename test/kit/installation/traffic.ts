/**
 * Every client pod calls every repo-server pod with the files that it sees, as its component would, without retry.
 */

import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';
import type { Processes } from './processes.ts';

export interface CallRecord {
  readonly client: string;
  readonly server: string;
  readonly error: string;
}

export interface Traffic {
  calls: number;
  readonly failed: CallRecord[];
}

const health = {
  ':method': 'POST',
  ':path': '/grpc.health.v1.Health/Check',
  'content-type': 'application/grpc',
  te: 'trailers',
};

const callOnce = (host: string, options: tls.ConnectionOptions): Promise<string | undefined> =>
  new Promise((resolve) => {
    const raw = net.connect({ host, port: 8081 });
    const socket = tls.connect({
      ...options,
      socket: raw,
      servername: 'argocd-repo-server',
      ALPNProtocols: ['h2'],
    });
    const end = (error: string | undefined) => {
      socket.destroy();
      raw.destroy();
      resolve(error);
    };
    socket.on('error', (error) => end(error.message));
    raw.on('error', (error) => end(error.message));
    socket.on('secureConnect', () => {
      const session = http2.connect('https://argocd-repo-server', { createConnection: () => socket });
      session.on('error', (error) => end(error.message));
      const stream = session.request(health);
      stream.on('response', () => end(undefined));
      stream.on('error', (error) => end(error.message));
      stream.on('close', () => end('closed without an answer'));
      stream.end(Buffer.alloc(5));
    });
  });

/** One call of each client pod to each repo-server pod. */
export const everyoneCalls = async (processes: Processes, traffic: Traffic): Promise<void> => {
  const seen = processes.seen();
  const servers = [...processes.repoServers];
  const calls = [...processes.clients.values()].flatMap((client) =>
    servers.map(async ([name, server]) => {
      const cert = seen['client.crt'];
      const key = seen['client.key'];
      const shows =
        cert !== undefined &&
        key !== undefined &&
        (client.component !== 'notifications-controller' || client.foundLeaf);
      const error = await callOnce(server.host, {
        ...(shows ? { cert, key } : {}),
        ...(client.poolPem === undefined
          ? { rejectUnauthorized: false }
          : { rejectUnauthorized: true, ca: client.poolPem }),
        minVersion: 'TLSv1.3',
      });
      // A server that was stopped in the middle of the call is a connection's end, not a refusal.
      if (!processes.repoServers.has(name)) return;
      traffic.calls += 1;
      if (error !== undefined) traffic.failed.push({ client: client.pod, server: name, error });
    }),
  );
  await Promise.all(calls);
};
