/**
 * Auth methods: AppRole, and JWTs, which stand in for ServiceAccount tokens too.
 *
 * **Invariant:** a login is refused by the status and words with which Vault refuses it.
 */
import { createPublicKey, randomUUID, verify } from 'node:crypto';
import { request } from 'node:https';
import { type Answer, type Ask, data, done, type Json, list, Refused, text } from './answer.ts';
import type { Tokens } from './tokens.ts';

interface AppRole {
  readonly options: Json;
  readonly roleId: string;
  readonly secretIds: Set<string>;
}

export class Login {
  readonly type: string;
  readonly #mount: string;
  readonly #tokens: Tokens;
  readonly #appRoles = new Map<string, AppRole>();
  readonly #roles = new Map<string, Json>();
  #config: Json | undefined;

  constructor(type: string, mount: string, tokens: Tokens) {
    this.type = type;
    this.#mount = mount;
    this.#tokens = tokens;
  }

  /** @param rest of the path below the mount */
  async handle({ method, body }: Ask, rest: string): Promise<Answer> {
    if (rest === 'login') return this.type === 'approle' ? this.#appRole(body) : this.#jwt(body);
    if (rest === 'config') {
      this.#config = body;
      return done;
    }
    const [, name = '', what] = /^role\/([^/]+)(?:\/(.+))?$/.exec(rest) ?? [];
    if (this.type !== 'approle') {
      this.#roles.set(name, body);
      return done;
    }
    const role = this.#appRoles.get(name);
    if (what === undefined && method === 'POST') {
      this.#appRoles.set(name, {
        options: body,
        roleId: role?.roleId ?? randomUUID(),
        secretIds: role?.secretIds ?? new Set(),
      });
      return done;
    }
    if (role === undefined) throw new Refused(404);
    switch (what) {
      case 'role-id':
        return data({ role_id: role.roleId });
      case 'secret-id': {
        const id = randomUUID();
        role.secretIds.add(id);
        return data({ secret_id: id });
      }
      case 'secret-id/destroy':
        role.secretIds.delete(text(body.secret_id));
        return done;
      default:
        throw new Refused(404);
    }
  }

  #grant(role: Json): Answer {
    const { token_policies, token_ttl, token_max_ttl } = role;
    return this.#tokens.grant(this.#mount, list(token_policies), { ttl: token_ttl, max: token_max_ttl });
  }

  #appRole({ role_id, secret_id }: Json): Answer {
    const role = [...this.#appRoles.values()].find(({ roleId }) => roleId === role_id);
    if (role === undefined || !role.secretIds.has(text(secret_id)))
      throw new Refused(400, 'invalid role or secret ID');
    return this.#grant(role.options);
  }

  async #jwt({ role: name, jwt }: Json): Promise<Answer> {
    const role = this.#roles.get(text(name));
    if (this.#config === undefined) throw new Refused(400, 'could not load configuration');
    if (role === undefined) throw new Refused(400, `invalid role name "${text(name)}"`);
    if (this.type === 'kubernetes') {
      const [, namespace = '', account = ''] =
        /^system:serviceaccount:([^:]+):(.+)$/.exec(await review(this.#config, text(jwt))) ?? [];
      const isBound =
        list(role.bound_service_account_names).includes(account) &&
        list(role.bound_service_account_namespaces).includes(namespace);
      if (!isBound) throw new Refused(403, 'permission denied');
      return this.#grant(role);
    }
    const [head = '', claims = '', signature = ''] = text(jwt).split('.');
    const isSigned = list(this.#config.jwt_validation_pubkeys).some((pem) =>
      verify(
        'sha256',
        Buffer.from(`${head}.${claims}`),
        { key: createPublicKey(pem), dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      ),
    );
    if (!isSigned) throw new Refused(400, 'error validating token: invalid signature');
    const { sub, aud, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Json;
    const isBound = sub === role.bound_subject && list(role.bound_audiences).includes(text(aud));
    if (!isBound || Number(exp) * 1000 < Date.now()) throw new Refused(400, 'error validating claims');
    return this.#grant(role);
  }
}

/** Who the API server says that the token's owner is; empty: nobody. */
const review = (config: Json, token: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const url = new URL('/apis/authentication.k8s.io/v1/tokenreviews', text(config.kubernetes_host));
    const headers = { authorization: `Bearer ${text(config.token_reviewer_jwt)}` };
    const call = request(url, { method: 'POST', ca: text(config.kubernetes_ca_cert), headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const { status } = JSON.parse(Buffer.concat(chunks).toString()) as {
          status: { user?: { username: string } };
        };
        resolve(status.user?.username ?? '');
      });
    });
    call.on('error', reject);
    call.end(
      JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } }),
    );
  });
