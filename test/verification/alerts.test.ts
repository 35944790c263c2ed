import { expect, test } from '@jest/globals';
import { outcomeOfError } from '../../agent/verification/alerts.ts';

/** As Node 24 words them. */
const openssl = (reason: string, number: number) => ({
  message: `00EC7A0B7E7F0000:error:0A000${400 + number}:SSL routines:ssl3_read_bytes:${reason}:../deps/openssl/openssl/ssl/record/rec_layer_s3.c:916:SSL alert number ${number}\n`,
  code: `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`,
});

test.each([
  ['tlsv13 alert certificate required', 116, 'certificate-required'],
  ['tlsv1 alert unknown ca', 48, 'unknown-ca'],
  ['ssl/tls alert certificate expired', 45, 'certificate-expired'],
  ['ssl/tls alert bad certificate', 42, 'bad-certificate'],
  ['ssl/tls alert handshake failure', 40, 'handshake-failure'],
  ['ssl/tls alert certificate unknown', 46, 'other'],
] as const)('"%s" (%i) is a refusal: %s', (reason, number, alert) => {
  expect(outcomeOfError(openssl(reason, number), true)).toEqual({
    result: 'refused',
    alert,
    detail: expect.stringContaining(`TLS alert ${number}: SSL routines:ssl3_read_bytes:${reason}`),
  });
});

test('an alert is known by its code where the message has no number', () => {
  const error = { message: 'unknown ca', code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA' };
  expect(outcomeOfError(error, true)).toMatchObject({ result: 'refused', alert: 'unknown-ca' });
});

test('an alert before the server showed its certificate is not about ours', () => {
  expect(outcomeOfError(openssl('ssl/tls alert handshake failure', 40), false)).toMatchObject({
    result: 'unknown',
  });
});

test.each([
  ['no application protocol', 120],
  ['internal error', 80],
  ['protocol version', 70],
  ['unrecognized name', 112],
])('alert "%s" (%i) says nothing of the certificate', (reason, number) => {
  expect(outcomeOfError(openssl(`tlsv1 alert ${reason}`, number), true)).toMatchObject({ result: 'unknown' });
});

test.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_HTTP2_ERROR'])(
  '%s is unknown, and says which it was',
  (code) => {
    expect(outcomeOfError({ message: 'it broke', code }, true)).toEqual({
      result: 'unknown',
      why: `${code}: it broke`,
    });
  },
);
