/**
 * From what Node says about a broken connection to what it means for the certificate that was shown. Pure.
 *
 * **Invariant:** `refused` needs a TLS alert that is about the client's certificate, from a server that had already shown its own;
 * everything else, however much it looks like a refusal, is `unknown`.
 */
import type { Alert, CallOutcome } from '../model/evidence.ts';

/** Alert numbers of RFC 8446 §6 (and RFC 5246 §7.2 for 41) that are about the client's certificate, and the word for each. */
const ABOUT_THE_CERTIFICATE: ReadonlyMap<number, Alert> = new Map([
  /** handshake_failure: how a TLS 1.2 server says that a certificate is required (crypto/tls handshake_server.go). */
  [40, 'handshake-failure'],
  [41, 'other'],
  [42, 'bad-certificate'],
  [43, 'other'],
  [44, 'other'],
  [45, 'certificate-expired'],
  [46, 'other'],
  [48, 'unknown-ca'],
  [49, 'other'],
  [51, 'other'],
  [116, 'certificate-required'],
]);

/** Node's error codes, for messages that carry no number: `ERR_SSL_` + OpenSSL's reason, whose prefix changes between versions. */
const BY_CODE: readonly (readonly [suffix: string, alert: number])[] = [
  ['ALERT_CERTIFICATE_REQUIRED', 116],
  ['ALERT_UNKNOWN_CA', 48],
  ['ALERT_CERTIFICATE_EXPIRED', 45],
  ['ALERT_CERTIFICATE_REVOKED', 44],
  ['ALERT_CERTIFICATE_UNKNOWN', 46],
  ['ALERT_UNSUPPORTED_CERTIFICATE', 43],
  ['ALERT_BAD_CERTIFICATE', 42],
  ['ALERT_HANDSHAKE_FAILURE', 40],
  ['ALERT_ACCESS_DENIED', 49],
  ['ALERT_DECRYPT_ERROR', 51],
];

/** What an `Error` of node:net, node:tls or node:http2 carries beyond a message. */
export interface ConnectionError {
  readonly message: string;
  readonly code?: string | undefined;
}

const alertNumber = (error: ConnectionError): number | undefined => {
  const numbered = /SSL alert number (\d+)/.exec(error.message);
  if (numbered !== null) {
    return Number(numbered[1]);
  }
  const code = error.code ?? '';
  return BY_CODE.find(([suffix]) => code.endsWith(suffix))?.[1];
};

/** First line, without OpenSSL's thread id and source position, which differ from call to call. */
const readable = (error: ConnectionError): string =>
  (error.message.split('\n')[0] ?? '')
    .replace(/^[0-9A-F]{8,}:error:[0-9A-F]+:/, '')
    .replace(/:[^:]*\.c:\d+:/, ': ')
    .trim();

/**
 * What a connection error says about the credential.
 *
 * @param presented whether the server had shown its certificate: an alert before that can't be about the client's.
 */
export const outcomeOfError = (error: ConnectionError, presented: boolean): CallOutcome => {
  const number = alertNumber(error);
  const alert = number === undefined ? undefined : ABOUT_THE_CERTIFICATE.get(number);
  if (number === undefined || alert === undefined) {
    const code = error.code === undefined ? '' : `${error.code}: `;
    return { result: 'unknown', why: `${code}${readable(error)}` };
  }
  if (!presented) {
    return {
      result: 'unknown',
      why: `TLS alert ${number} before the server showed its certificate: ${readable(error)}`,
    };
  }
  return { result: 'refused', alert, detail: `TLS alert ${number}: ${readable(error)}` };
};
