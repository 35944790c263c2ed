/**
 * An API server as far as Vault's Kubernetes login asks one: whose ServiceAccount's token this is (TokenReview).
 *
 * **Invariant:** only tokens that it gave out itself are anybody's.
 */
import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCa, makeLeaf, USAGE } from '../pki/index.ts';

const ca = makeCa({ name: 'Kubernetes CA' });

export class TokenReviews {
  readonly host: string;
  /** PEM. */
  readonly ca = ca.pem;
  /** What Vault authenticates itself with. */
  readonly reviewer = 'reviewer';
  readonly #server: Server;
  readonly #given = new Map<string, { readonly username: string; readonly uid: string }>();
  readonly #key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

  private constructor(server: Server) {
    this.#server = server;
    this.host = `https://localhost:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const isReview = request.url === '/apis/authentication.k8s.io/v1/tokenreviews';
        const asked = JSON.parse(Buffer.concat(chunks).toString() || '{}') as {
          spec?: { token?: string; audiences?: string[] };
        };
        const user = this.#given.get(asked.spec?.token ?? '');
        response.writeHead(isReview ? 201 : 404, { 'content-type': 'application/json' });
        response.end(
          JSON.stringify({
            apiVersion: 'authentication.k8s.io/v1',
            kind: 'TokenReview',
            status:
              user === undefined
                ? { authenticated: false, error: 'unknown' }
                : { authenticated: true, user, audiences: asked.spec?.audiences },
          }),
        );
      });
    });
  }

  static async start(): Promise<TokenReviews> {
    const { chainPem, keyPem } = makeLeaf(ca, { dns: ['localhost'], usages: [USAGE.server] });
    const server = createServer({ cert: chainPem, key: keyPem });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return new TokenReviews(server);
  }

  /** A token as the API server projects it into a pod. */
  tokenOf(namespace: string, name: string, now: number): string {
    const uid = randomUUID();
    const seconds = Math.floor(now / 1000);
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const body = `${part({ alg: 'ES256', typ: 'JWT' })}.${part({
      iss: 'https://kubernetes.default.svc',
      aud: ['https://kubernetes.default.svc'],
      sub: `system:serviceaccount:${namespace}:${name}`,
      iat: seconds - 60,
      nbf: seconds - 60,
      exp: seconds + 3600,
      'kubernetes.io': { namespace, serviceaccount: { name, uid } },
    })}`;
    const signature = createSign('sha256').update(body).sign({ key: this.#key, dsaEncoding: 'ieee-p1363' });
    const token = `${body}.${signature.toString('base64url')}`;
    this.#given.set(token, { username: `system:serviceaccount:${namespace}:${name}`, uid });
    return token;
  }

  /** As when the pod, or its ServiceAccount, is gone. */
  forget(token: string): void {
    this.#given.delete(token);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}
