/**
 * Writes a TLS 1.3 alert by hand, under the keys of a connection that Node believes to be fine.
 *
 * Node's server lets OpenSSL accept every certificate and only closes the socket afterwards: its client sees a reset where Go's sees
 * `unknown ca`. So the stand-in watches its own outgoing records to know the sequence number, and adds the alert that Go would have sent.
 *
 * **Invariant:** knows TLS_AES_128_GCM_SHA256 only; the stand-in's server offers nothing else.
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

export const CIPHER_SUITE = 'TLS_AES_128_GCM_SHA256';

const APPLICATION_DATA = 23;
const ALERT = 21;
const FATAL = 2;
const TAG_LENGTH = 16;
const HEADER_LENGTH = 5;

/** HKDF-Expand-Label of RFC 8446 §7.1 with an empty context; one block is enough for what is asked here. */
const expand = (secret: Buffer, label: string, length: number): Buffer => {
  const full = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.from([0, length, full.length]), full, Buffer.from([0, 1])]);
  return createHmac('sha256', secret).update(info).digest().subarray(0, length);
};

/** Follows one connection's outgoing bytes and can close it with an alert. */
export class AlertWriter {
  #key: Buffer | undefined;
  #iv: Buffer = Buffer.alloc(12);
  #sequence = 0n;
  #pending: Buffer = Buffer.alloc(0);

  /** A line of a 'keylog' event; all but the server's application secret are ignored. */
  keylog(line: Buffer): void {
    const [label, , secret] = line.toString().trim().split(' ');
    if (label === 'SERVER_TRAFFIC_SECRET_0' && secret !== undefined) {
      const bytes = Buffer.from(secret, 'hex');
      this.#key = expand(bytes, 'key', 16);
      this.#iv = expand(bytes, 'iv', 12);
    }
  }

  /** Bytes that went out: session tickets take sequence numbers. */
  sent(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= HEADER_LENGTH) {
      const end = HEADER_LENGTH + this.#pending.readUInt16BE(3);
      if (this.#pending.length < end) {
        return;
      }
      const record = this.#pending.subarray(0, end);
      this.#pending = this.#pending.subarray(end);
      if (record[0] === APPLICATION_DATA && this.#isNext(record)) {
        this.#sequence += 1n;
      }
    }
  }

  /** The record that closes the connection with this alert, or nothing where no key is known. */
  record(alert: number): Buffer {
    if (this.#key === undefined) {
      return Buffer.alloc(0);
    }
    const content = Buffer.from([FATAL, alert, ALERT]);
    const header = Buffer.from([APPLICATION_DATA, 3, 3, 0, content.length + TAG_LENGTH]);
    const cipher = createCipheriv('aes-128-gcm', this.#key, this.#nonce()).setAAD(header);
    return Buffer.concat([header, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  }

  #nonce(): Buffer {
    const nonce = Buffer.from(this.#iv);
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ this.#sequence, 4);
    return nonce;
  }

  /** Records of the handshake look the same from outside, but are under another key. */
  #isNext(record: Buffer): boolean {
    if (this.#key === undefined || record.length < HEADER_LENGTH + TAG_LENGTH) {
      return false;
    }
    const decipher = createDecipheriv('aes-128-gcm', this.#key, this.#nonce())
      .setAAD(record.subarray(0, HEADER_LENGTH))
      .setAuthTag(record.subarray(-TAG_LENGTH));
    try {
      decipher.update(record.subarray(HEADER_LENGTH, -TAG_LENGTH));
      decipher.final();
      return true;
    } catch {
      return false;
    }
  }
}
