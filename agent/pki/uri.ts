/**
 * URIs among the alternative names of a certificate.
 *
 * **Invariant:** what is readable here, Go's net/url parses too. It takes more than this (ports, user names, relative ones); who is named in a
 * certificate is named plainly, as SPIFFE does it.
 */
const AUTHORITY = '[A-Za-z0-9_-]*(?:\\.[A-Za-z0-9_-]+)*';
const PATH = "(?:[A-Za-z0-9_.~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*";
const PLAIN = new RegExp(`^[A-Za-z][A-Za-z0-9+.-]*:(?:(?!//)|//${AUTHORITY}(?=/|$))${PATH}$`);

export const isReadableUri = (text: string): boolean => PLAIN.test(text);
