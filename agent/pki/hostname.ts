/**
 * Whether a serving certificate covers the name that a client dials, as Go decides it (crypto/x509 verify.go, VerifyHostname, go1.26).
 *
 * **Invariant:** the common name never counts.
 */
import type { Certificate } from '../model/certificate.ts';

const LABEL = /^[a-z0-9_][a-z0-9_-]*$/i;

const isHostname = (labels: readonly string[], pattern: boolean): boolean =>
  labels.join('.') !== '*' &&
  labels.every((label, place) => (pattern && place === 0 && label === '*') || LABEL.test(label));

const asAddress = (host: string): string | undefined => {
  const inner = /^\[(.+)\]$/.exec(host)?.[1] ?? host;
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(inner))
    return inner.split('.').every((part) => Number(part) < 256) ? inner : undefined;
  if (!inner.includes(':') || !URL.canParse(`http://[${inner}]`)) return undefined;
  return new URL(`http://[${inner}]`).hostname.slice(1, -1);
};

/** True where a Go client that dials `host` (without port) accepts the names in the certificate. */
export const coversHost = (
  { dnsNames, ipAddresses }: Pick<Certificate, 'dnsNames' | 'ipAddresses'>,
  host: string,
): boolean => {
  const address = asAddress(host);
  if (address !== undefined) return ipAddresses.includes(address);
  const name = host.toLowerCase();
  const labels = name.replace(/\.$/, '').split('.');
  return dnsNames.some((entry) => {
    const pattern = entry.toLowerCase().split('.');
    if (!isHostname(labels, false) || !isHostname(pattern, true))
      return name !== '' && name !== '.' && entry.toLowerCase() === name;
    return (
      pattern.length === labels.length &&
      pattern.every((part, place) => (place === 0 && part === '*') || part === labels[place])
    );
  });
};
