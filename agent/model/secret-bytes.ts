/**
 * Private keys, and whatever else stands in a Secret, as values that can't be printed by accident.
 *
 * **Invariant:** no conversion of a SecretBytes to text, JSON or an inspection shows its content; only {@link SecretBytes.reveal} and
 * {@link SecretBytes.revealBytes} do. Bytes stay as they are: what is no text (PKCS#12) comes out as it went in.
 */
const REDACTED = '[secret]';

export class SecretBytes {
  readonly #value: Buffer;

  private constructor(value: Buffer) {
    this.#value = value;
  }

  /** Wraps text (PEM). The caller gives up its own copy as far as JavaScript allows. */
  static of(value: string): SecretBytes {
    return new SecretBytes(Buffer.from(value, 'utf8'));
  }

  /** Wraps bytes; they are copied. */
  static ofBytes(value: Uint8Array): SecretBytes {
    return new SecretBytes(Buffer.from(value));
  }

  /** Number of bytes. */
  get length(): number {
    return this.#value.length;
  }

  /** The content as text (UTF-8). Call it only where the content leaves for its purpose: a TLS context, a parser, a signature. */
  reveal(): string {
    return this.#value.toString('utf8');
  }

  /** A copy of the content. As {@link reveal}: only where it leaves for its purpose. */
  revealBytes(): Buffer {
    return Buffer.from(this.#value);
  }

  /** True where both hold the same content. */
  equals(other: SecretBytes): boolean {
    return this.#value.equals(other.#value);
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
