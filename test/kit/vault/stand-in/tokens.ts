/**
 * Tokens and policies: who may do what.
 *
 * **Invariant:** as in Vault, a token that does not exist and one that may not are told apart by nothing but words.
 */
import { randomBytes } from 'node:crypto';
import { type Answer, type Ask, data, done, type Json, list, Refused, seconds, text } from './answer.ts';

interface Token {
  readonly policies: readonly string[];
  /** Mount of the login that gave it. */
  readonly from: string;
  endsAt: number;
  readonly lastsUntil: number;
  readonly ttl: number;
  readonly renewable: boolean;
}

type Rules = ReadonlyMap<string, readonly string[]>;

const DEFAULT_POLICY: Rules = new Map([
  ['auth/token/lookup-self', ['read']],
  ['auth/token/renew-self', ['update']],
]);

/** `+` is one part, `*` at the end whatever follows (developer.hashicorp.com/vault/docs/concepts/policies#policy-syntax). */
const fits = (pattern: string, path: string): boolean =>
  new RegExp(
    `^${pattern
      .split('/')
      .map((part) =>
        part === '+' ? '[^/]+' : part.replaceAll(/[.?^$()[\]{}|\\]/g, '\\$&').replace(/\*$/, '.*'),
      )
      .join('/')}$`,
  ).test(path);

const CAPABILITY = { GET: 'read', LIST: 'list', POST: 'update', DELETE: 'delete' } as const;

/** Never ends, as the root token. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

export class Tokens {
  readonly root = `hvs.root-${randomBytes(8).toString('hex')}`;
  readonly #tokens = new Map<string, Token>();
  readonly #policies = new Map<string, Rules>([['default', DEFAULT_POLICY]]);

  constructor() {
    this.#tokens.set(this.root, {
      policies: ['root'],
      from: 'token',
      endsAt: FOR_EVER,
      lastsUntil: FOR_EVER,
      ttl: 0,
      renewable: false,
    });
  }

  /** @throws Refused 403 */
  authorize(ask: Ask): void {
    const token = this.#alive(ask.token);
    if (token === undefined) throw denied('invalid token');
    const mayDo = token.policies.some((name) => {
      if (name === 'root') return true;
      const rules = [...(this.#policies.get(name) ?? [])];
      return rules.some(([pattern, can]) => fits(pattern, ask.path) && can.includes(CAPABILITY[ask.method]));
    });
    if (!mayDo) throw denied();
  }

  policy(name: string, hcl: string): void {
    const rules = [...hcl.matchAll(/path "([^"]+)" \{ capabilities = \[([^\]]*)\] \}/g)];
    this.#policies.set(
      name,
      new Map(
        rules.map(([, path = '', can = '']) => [
          path,
          [...can.matchAll(/"(\w+)"/g)].map(([, one = '']) => one),
        ]),
      ),
    );
  }

  /** The `auth` of a login. */
  grant(from: string, policies: readonly string[], options: Json): Answer {
    const now = Date.now();
    const ttl = seconds(options.ttl) ?? 1200;
    const most = seconds(options.max) ?? 86_400 * 32;
    const name = `hvs.${randomBytes(24).toString('base64url')}`;
    const token: Token = {
      policies: [...new Set(['default', ...policies])],
      from,
      endsAt: now + Math.min(ttl, most) * 1000,
      lastsUntil: now + most * 1000,
      ttl,
      renewable: options.renewable !== false,
    };
    this.#tokens.set(name, token);
    return this.#auth(name, token);
  }

  handle(ask: Ask): Answer {
    const own = this.#alive(ask.token);
    switch (ask.path) {
      case 'auth/token/lookup-self':
        return data({
          ttl:
            own === undefined || own.endsAt === FOR_EVER ? 0 : Math.round((own.endsAt - Date.now()) / 1000),
          renewable: own?.renewable,
          policies: own?.policies,
        });
      case 'auth/token/renew-self':
        if (own === undefined || !own.renewable) throw new Refused(400, 'lease is not renewable');
        own.endsAt = Math.min(Date.now() + own.ttl * 1000, own.lastsUntil);
        return this.#auth(ask.token ?? '', own);
      case 'auth/token/create-orphan':
        return this.grant('token', list(ask.body.policies), { ...ask.body, max: ask.body.explicit_max_ttl });
      case 'auth/token/revoke':
        this.#tokens.delete(text(ask.body.token));
        return done;
      default:
        throw new Refused(404, `no handler for route "${ask.path}"`);
    }
  }

  revokeFrom(mount: string): void {
    for (const [name, token] of this.#tokens) if (token.from === mount) this.#tokens.delete(name);
  }

  #alive(name: string | undefined): Token | undefined {
    const token = this.#tokens.get(name ?? '');
    return token !== undefined && token.endsAt > Date.now() ? token : undefined;
  }

  #auth(name: string, { endsAt, renewable, policies }: Token): Answer {
    return {
      status: 200,
      body: {
        data: null,
        auth: {
          client_token: name,
          policies,
          lease_duration: Math.round((endsAt - Date.now()) / 1000),
          renewable,
        },
      },
    };
  }
}

const denied = (more?: string): Refused =>
  new Refused(
    403,
    `${more === undefined ? 1 : 2} errors occurred:\n\t* permission denied${more === undefined ? '' : `\n\t* ${more}`}\n\n`,
  );
