/**
 * The token of one connection: got by a login or from a file, renewed in time, given up when Vault no longer takes it.
 *
 * **Invariant:** however many sources ask at once, one login or renewal is under way at a time.
 */
import { createHash } from 'node:crypto';
import type { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { Instant } from '../../agent/model/terms.ts';
import type { VaultConnectionSettings } from '../../agent/model/vault-spec.ts';
import type { Clock } from '../../agent/ports.ts';
import { groupOf } from './answer.ts';
import type { CredentialFiles, VaultRequest } from './exchange.ts';
import { VaultFailure } from './failure.ts';
import { type Grant, grantOf, loginRequest, readCredential } from './login.ts';

type Content = Readonly<Record<string, unknown>>;

/** A token with what is known of its end. */
interface Held {
  readonly token: SecretBytes;
  readonly endsAt: Instant | undefined;
  readonly renewAt: Instant | undefined;
}

/** Part of a lease after which it is renewed. */
const RENEW_AT = 2 / 3;
/** After a renewal that failed for a passing reason. */
const RENEW_AGAIN = 30_000;
/** A token this close to its end is not used any more: the request could arrive too late. */
const MARGIN = 2_000;

const digest = (body: SecretBytes | undefined): string =>
  createHash('sha256')
    .update(body?.reveal() ?? '')
    .digest('hex');

export class VaultSession {
  readonly #settings: VaultConnectionSettings;
  readonly #files: CredentialFiles;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #send: (request: VaultRequest) => Promise<Content>;
  #held: Held | undefined;
  #underWay: Promise<Held> | undefined;
  /** Digest of the last login that was refused. */
  #refused: string | undefined;

  constructor(
    settings: VaultConnectionSettings,
    files: CredentialFiles,
    clock: Pick<Clock, 'now'>,
    send: (request: VaultRequest) => Promise<Content>,
  ) {
    this.#settings = settings;
    this.#files = files;
    this.#clock = clock;
    this.#send = send;
  }

  /** A token that should be good. @throws VaultFailure */
  async token(): Promise<SecretBytes> {
    this.#underWay ??= this.#fresh().finally(() => {
      this.#underWay = undefined;
    });
    return (await this.#underWay).token;
  }

  /** Vault denied a request made with this token. True where the token itself is dead, and another one may be got. */
  async isDead(token: SecretBytes): Promise<boolean> {
    if (this.#held !== undefined && !this.#held.token.equals(token)) return true;
    const isAlive = await this.#lookUp(token).then(
      () => true,
      (error: unknown) => {
        if (error instanceof VaultFailure && error.problem === 'forbidden') return false;
        throw error;
      },
    );
    if (!isAlive && this.#held?.token.equals(token) === true) this.#held = undefined;
    return !isAlive;
  }

  /** True where a login would be made with other credentials than the one that was refused last. */
  async hasOtherCredentials(): Promise<boolean> {
    const { auth } = this.#settings;
    if (auth.method === 'tokenFile' || this.#refused === undefined) return true;
    const { body } = await loginRequest({ ...this.#settings, auth }, this.#files);
    return digest(body) !== this.#refused;
  }

  async #fresh(): Promise<Held> {
    const now = this.#clock.now();
    const held = await this.#usable(now);
    const fresh =
      held === undefined
        ? await this.#obtain()
        : held.renewAt !== undefined && now >= held.renewAt
          ? await this.#renew(held)
          : held;
    this.#held = fresh;
    return fresh;
  }

  /** What is held, unless it ended or the file has another token by now. */
  async #usable(now: Instant): Promise<Held | undefined> {
    const held = this.#held;
    const { auth } = this.#settings;
    if (held === undefined) return undefined;
    if (auth.method === 'tokenFile') {
      const token = await this.#fromFile(auth.path);
      return token.equals(held.token) ? held : undefined;
    }
    return held.endsAt !== undefined && now >= held.endsAt - MARGIN ? undefined : held;
  }

  async #obtain(): Promise<Held> {
    const { auth } = this.#settings;
    if (auth.method !== 'tokenFile')
      return this.#login(await loginRequest({ ...this.#settings, auth }, this.#files));
    const token = await this.#fromFile(auth.path);
    try {
      const { data } = await this.#lookUp(token);
      const { ttl, renewable } = groupOf(data);
      const lease = typeof ttl === 'number' && ttl > 0 ? ttl * 1000 : undefined;
      return this.#hold({ token, lease, renewable: renewable === true });
    } catch (error) {
      // Without the default policy a token may not look itself up; it is used as it is, and whoever wrote it keeps it alive.
      if (error instanceof VaultFailure && error.problem === 'forbidden')
        return { token, endsAt: undefined, renewAt: undefined };
      throw error;
    }
  }

  async #login(request: VaultRequest): Promise<Held> {
    const { name, auth } = this.#settings;
    try {
      const grant = grantOf(await this.#send(request));
      if (grant === undefined)
        throw new VaultFailure(
          'not-vault',
          `The login ${request.path} at Vault ${name} was answered without a token.`,
          "See whether the connection's `address` is Vault's own API.",
        );
      this.#refused = undefined;
      return this.#hold(grant);
    } catch (error) {
      if (!(error instanceof VaultFailure) || !['invalid', 'forbidden', 'not-found'].includes(error.problem))
        throw error;
      this.#refused = digest(request.body);
      throw new VaultFailure(
        'login-refused',
        `Vault ${name} refuses the login ${request.path} (${auth.method}). ${error.what}`,
        'Correct mount and role, the credential in its file, or the role in Vault (bound ServiceAccount and namespace, audience, SecretID). The file is read again at the next try.',
        { cause: error },
      );
    }
  }

  async #renew(held: Held): Promise<Held> {
    const now = this.#clock.now();
    try {
      const grant = grantOf(
        await this.#send({ method: 'POST', path: 'auth/token/renew-self', token: held.token }),
      );
      if (grant === undefined) return this.#postponed(held);
      const renewed = this.#hold({ ...grant, token: held.token });
      // Close to its maximum a token is renewed for ever shorter times: a login gives a whole one.
      const isShort =
        renewed.endsAt !== undefined &&
        held.endsAt !== undefined &&
        renewed.endsAt - held.endsAt < (held.endsAt - now) / 2;
      return isShort && this.#settings.auth.method !== 'tokenFile' ? await this.#obtain() : renewed;
    } catch (error) {
      if (!(error instanceof VaultFailure)) throw error;
      const isOver = error.problem === 'forbidden' || error.problem === 'invalid';
      return isOver && this.#settings.auth.method !== 'tokenFile' ? this.#obtain() : this.#postponed(held);
    }
  }

  #postponed(held: Held): Held {
    return { ...held, renewAt: this.#clock.now() + RENEW_AGAIN };
  }

  #hold({ token, lease, renewable }: Grant): Held {
    const now = this.#clock.now();
    return {
      token,
      endsAt: lease === undefined ? undefined : now + lease,
      renewAt: lease === undefined || !renewable ? undefined : now + lease * RENEW_AT,
    };
  }

  #fromFile(path: string): Promise<SecretBytes> {
    return readCredential(this.#settings.name, this.#files, path, 'the token');
  }

  #lookUp(token: SecretBytes): Promise<Content> {
    return this.#send({ method: 'GET', path: 'auth/token/lookup-self', token });
  }
}
