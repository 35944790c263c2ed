/**
 * One Vault, as all sources of all instances share it: its token, and its back-off.
 *
 * **Invariant:** while a Vault is left alone nothing is sent to it, whoever asks.
 */
import type { VaultConnectionSettings } from '../../agent/model/vault-spec.ts';
import type { Clock, Random } from '../../agent/ports.ts';
import { contentOf } from './answer.ts';
import { BackOff } from './back-off.ts';
import { type CredentialFiles, ExchangeError, type VaultExchange, type VaultRequest } from './exchange.ts';
import { troubleWith, VaultFailure } from './failure.ts';
import { VaultSession } from './session.ts';

type Content = Readonly<Record<string, unknown>>;
export type Question = Omit<VaultRequest, 'token'>;

/** What the sources see of it. */
export interface Vault {
  readonly name: string;
  /** The whole content of a good answer. @throws VaultFailure */
  ask(question: Question): Promise<Content>;
}

export interface VaultParts {
  readonly exchange: VaultExchange;
  readonly files: CredentialFiles;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
}

export class VaultConnection implements Vault {
  readonly name: string;
  readonly #exchange: VaultExchange;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #backOff: BackOff;
  readonly #session: VaultSession;

  constructor(settings: VaultConnectionSettings, { exchange, files, clock, random }: VaultParts) {
    this.name = settings.name;
    this.#exchange = exchange;
    this.#clock = clock;
    this.#backOff = new BackOff(clock, random);
    this.#session = new VaultSession(settings, files, clock, (request) => this.#send(request));
  }

  async ask(question: Question): Promise<Content> {
    const standing = this.#backOff.standing;
    if (standing !== undefined && !(await this.#isWorthATry(standing))) throw standing;
    const since = this.#clock.now();
    try {
      const content = await this.#asked(question);
      this.#backOff.succeeded();
      return content;
    } catch (error) {
      if (error instanceof VaultFailure && error.isOfTheConnection) this.#backOff.failed(error, since);
      // Vault answered, if only about this path.
      else if (error instanceof VaultFailure) this.#backOff.succeeded();
      throw error;
    }
  }

  /** A login that was refused is tried at once with other credentials. */
  async #isWorthATry(standing: VaultFailure): Promise<boolean> {
    return standing.problem === 'login-refused' && (await this.#session.hasOtherCredentials());
  }

  async #asked(question: Question): Promise<Content> {
    const token = await this.#session.token();
    try {
      return await this.#send({ ...question, token });
    } catch (error) {
      const isDenied = error instanceof VaultFailure && error.problem === 'forbidden';
      if (!isDenied || !(await this.#session.isDead(token))) throw error;
      return this.#send({ ...question, token: await this.#session.token() });
    }
  }

  async #send(request: VaultRequest): Promise<Content> {
    try {
      return contentOf(this.name, request, await this.#exchange.send(request));
    } catch (error) {
      if (error instanceof ExchangeError) throw troubleWith(this.name, error.trouble, error.detail, error);
      throw error;
    }
  }
}
