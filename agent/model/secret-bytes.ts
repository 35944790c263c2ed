/**
 * Private keys as values that can't be printed by accident.
 *
 * **Invariant:** no conversion of a SecretBytes to text, JSON or an inspection shows its content; only {@link SecretBytes.reveal} does.
 */
const REDACTED = '[secret]';

export class SecretBytes {
  readonly #value: string;

  private constructor(value: string) {
    this.#value = value;
  }

  /** Wraps text (PEM). The caller gives up its own copy as far as JavaScript allows. */
  static of(value: string): SecretBytes {
    return new SecretBytes(value);
  }

  /** The content. Call it only where the content leaves for its purpose: a TLS context, a Secret's data, a signature. */
  reveal(): string {
    return this.#value;
  }

  /** True where both hold the same content. */
  equals(other: SecretBytes): boolean {
    return this.#value === other.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.toPrimitive](): string {
    return REDACTED;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return REDACTED;
  }
}
