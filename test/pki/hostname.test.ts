/**
 * Names in serving certificates, held against what is dialled. The cases are Go's own (crypto/x509 verify_test.go, x509_test.go) and Argo CD's.
 */
import { describe, expect, test } from '@jest/globals';
import { coversHost } from '../../agent/pki/hostname.ts';

const covers = (names: readonly string[], host: string): boolean =>
  coversHost(
    {
      dnsNames: names.filter((name) => !/^[\d.]+$|:/.test(name)),
      ipAddresses: names.filter((name) => /^[\d.]+$|:/.test(name)),
    },
    host,
  );

describe('a certificate covers', () => {
  test.each<[string, string]>([
    ['argocd-repo-server', 'argocd-repo-server'],
    ['argocd-repo-server', 'ARGOCD-Repo-Server'],
    ['Repo.argocd.svc', 'repo.argocd.svc'],
    ['*.argocd.svc', 'repo.argocd.svc'],
    ['repo.argocd.svc', 'repo.argocd.svc.'],
    ['under_score.svc', 'under_score.svc'],
    ['10.0.0.1', '10.0.0.1'],
    ['2001:db8::1', '[2001:DB8:0::1]'],
    ['bad name', 'bad name'],
  ])('by the name %s the host %s', (name, host) => {
    expect(covers([name], host)).toBe(true);
  });
});

describe('a certificate does not cover', () => {
  test.each<[string, string]>([
    ['argocd-repo-server', 'argocd-repo-server.argocd'],
    ['argocd-repo-server.argocd.svc', 'argocd-repo-server'],
    ['*.argocd.svc', 'argocd.svc'],
    ['*.argocd.svc', 'a.b.argocd.svc'],
    ['*', 'localhost'],
    ['re*.argocd.svc', 'repo.argocd.svc'],
    ['a.*.svc', 'a.b.svc'],
    ['10.0.0.1', '10.0.0.2'],
    ['*.0.0.1', '10.0.0.1'],
    ['repo', ''],
  ])('by the name %s the host %s', (name, host) => {
    expect(covers([name], host)).toBe(false);
  });

  test('an address that stands among its DNS names', () => {
    expect(coversHost({ dnsNames: ['10.0.0.1'], ipAddresses: [] }, '10.0.0.1')).toBe(false);
  });
});
