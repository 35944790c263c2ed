/**
 * The wire below a TLS socket: passes bytes on, and can say a last word of its own.
 *
 * **Invariant:** after the last word nothing else goes out, and the peer gets it before the end of the stream, never a reset.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

export class TappedSocket extends Duplex {
  readonly #raw: Socket;
  readonly #sent: (chunk: Buffer) => void;
  #closing = false;

  constructor(raw: Socket, sent: (chunk: Buffer) => void) {
    super();
    this.#raw = raw;
    this.#sent = sent;
    raw.on('data', (chunk) => {
      if (!this.#closing && !this.push(chunk)) {
        raw.pause();
      }
    });
    raw.on('end', () => {
      if (!this.#closing) {
        this.push(null);
      }
    });
    raw.on('error', () => this.destroy());
    raw.on('close', () => this.destroy());
  }

  /** Sends these bytes and the end of the stream; what is still received is read and dropped. */
  lastWord(bytes: Buffer): void {
    this.#closing = true;
    this.#raw.end(bytes);
    this.#raw.resume();
  }

  override _read(): void {
    this.#raw.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#closing || !this.#raw.writable) {
      done();
      return;
    }
    this.#sent(chunk);
    this.#raw.write(chunk, () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#closing || !this.#raw.writable) {
      done();
      return;
    }
    this.#raw.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#closing) {
      this.#raw.destroy();
    }
    done(error);
  }
}
