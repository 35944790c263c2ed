/**
 * The two dates of a certificate, as RFC 5280 (4.1.2.5) has them written: to the second, in UTC.
 *
 * **Invariant:** a date that is accepted here is the same moment for OpenSSL and for Go. (Go also reads dates without seconds and with a time zone.)
 */
import type { DerNode } from './der.ts';
import { UnreadablePki } from './unreadable.ts';

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/** Milliseconds since 1970; `undefined` where there is no such moment. */
const momentOf = (node: DerNode | undefined): number | undefined => {
  const text = node?.content.toString('latin1') ?? '';
  const form = node?.tag === 'u23' ? UTC_TIME : node?.tag === 'u24' ? GENERALIZED_TIME : undefined;
  const parts = form?.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [written = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const year = node?.tag === 'u24' ? written : written + (written < 50 ? 2000 : 1900);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const read = [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ];
  return read.join() === [year, month, day, hour, minute, second].join() ? date.getTime() : undefined;
};

/** @throws UnreadablePki where one of the dates is none, or is written otherwise. */
export const readValidity = (
  validity: DerNode | undefined,
): { readonly notBefore: number; readonly notAfter: number } => {
  const [notBefore, notAfter] = (validity?.children ?? []).map(momentOf);
  if (notBefore === undefined || notAfter === undefined)
    throw new UnreadablePki('A date of the certificate is not written as RFC 5280 requires it.');
  return { notBefore, notAfter };
};
