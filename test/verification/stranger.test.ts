import { createPrivateKey, X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, jest, test } from '@jest/globals';
import { makeStranger, strangers } from '../../agent/verification/stranger.ts';

/** A stranger's RSA key takes its time on a busy machine. */
jest.setTimeout(60_000);

const NOON = Date.UTC(2026, 10, 23, 12);
const HOUR = 3_600_000;

let drawn = 0;
const random = { hex: (bytes: number) => (drawn++).toString(16).padStart(2 * bytes, '0') };

test('a stranger is a self-signed leaf for clients, in date, that no CA issued', async () => {
  const made = await makeStranger(NOON, random);
  const certificate = new X509Certificate(made.certificatePem);
  expect(certificate.ca).toBe(false);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(certificate.validFromDate.getTime()).toBeLessThan(NOON);
  expect(certificate.validToDate.getTime()).toBeGreaterThan(NOON);
  expect(certificate.checkPrivateKey(createPrivateKey(made.key.reveal()))).toBe(true);
  expect(inspect(made, { depth: 5 })).not.toContain('PRIVATE KEY');
});

test('one stranger serves for an hour, then another takes its place', async () => {
  let now = NOON;
  const next = strangers({ now: () => now, after: () => () => undefined }, random);
  const first = await next();
  now += HOUR - 1;
  expect(await next()).toBe(first);
  now += 1;
  const second = await next();
  expect(second.certificatePem).not.toBe(first.certificatePem);
});
