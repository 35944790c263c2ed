import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { preflight } from '../../agent/diagnosis/preflight.ts';
import { FIELD_MANAGER } from '../../agent/model/product.ts';
import type { FieldOwner, StoredSecret } from '../../agent/model/stored.ts';
import {
  IDENTITIES,
  type InputParts,
  inputOf,
  ready,
  storedParams,
  storedSecret,
} from '../kit/argocd/preflight.ts';

const MTLS = 'argocd-repo-server-mtls';
const TLS = 'argocd-repo-server-tls';
const found = (parts: InputParts, code: string) =>
  preflight(inputOf(parts)).filter((finding) => finding.code === code);
const mtls = (change: Partial<StoredSecret>) => storedSecret(MTLS, {}, change);

const owner = (manager: string, ...dataKeys: readonly string[]): FieldOwner => ({
  manager,
  operation: 'Update',
  subresource: undefined,
  time: undefined,
  dataKeys,
  annotations: [],
});

describe('objects that cannot be written', () => {
  test('an immutable Secret blocks, and is to be replaced in one step', () => {
    expect(found({ mtls: mtls({ immutable: true }) }, 'immutable')).toMatchObject([
      {
        severity: 'blocking',
        about: `Secret argocd/${MTLS}`,
        next: expect.stringContaining('replace --force'),
      },
    ]);
  });

  test('an immutable serving Secret is nobody’s business where the agent does not write it', () => {
    const servingSecret = storedSecret(TLS, {}, { immutable: true });
    expect(found({ servingSecret }, 'immutable')).toHaveLength(1);
    expect(found({ servingSecret, serving: null, settings: { verification: 'keep' } }, 'immutable')).toEqual(
      [],
    );
  });

  test('an immutable ConfigMap of parameters blocks where verification is to be switched on', () => {
    const params = storedParams({}, { immutable: true });
    expect(found({ params }, 'immutable')).toHaveLength(1);
    expect(found({ params, settings: { verification: 'keep' } }, 'immutable')).toEqual([]);
  });
});

describe('a source that keeps its key in a ConfigMap', () => {
  const reading = {
    ...ready(IDENTITIES.serving, IDENTITIES.ca),
    warnings: [{ code: 'exposed-key', what: 'It holds a private key.', next: 'Use a Secret.' }],
  } as const;

  test('is a warning that says what to do, and blocks nothing', () => {
    expect(found({ serving: reading }, 'exposed-key')).toMatchObject([
      { severity: 'warning', about: 'test source', what: 'It holds a private key.', next: 'Use a Secret.' },
    ]);
    expect(found({}, 'exposed-key')).toEqual([]);
  });
});

describe('other writers', () => {
  test.each<[string, Partial<StoredSecret>, string, string]>([
    [
      'cert-manager',
      { annotations: { 'cert-manager.io/certificate-name': 'repo-tls' } },
      'cert-manager (Certificate repo-tls)',
      'spec.secretName of Certificate repo-tls',
    ],
    [
      'External Secrets by label',
      { labels: { 'reconcile.external-secrets.io/managed': 'true' } },
      'ExternalSecret unknown',
      'creationPolicy',
    ],
    [
      'External Secrets by owner reference',
      { ownerReferences: [{ kind: 'ExternalSecret', name: 'mtls' }] },
      'ExternalSecret mtls',
      'spec.target.name',
    ],
    [
      'Vault Secrets Operator',
      { ownerReferences: [{ kind: 'VaultPKISecret', name: 'mtls' }] },
      'VaultPKISecret mtls',
      'spec.destination.name',
    ],
    [
      'a GitOps sync',
      { annotations: { 'argocd.argoproj.io/tracking-id': 'platform:/Secret:argocd/x' } },
      'Application platform',
      'Prune=false',
    ],
    [
      'Flux',
      { labels: { 'kustomize.toolkit.fluxcd.io/name': 'platform' } },
      'Flux (platform)',
      'prune: disabled',
    ],
    [
      'Helm',
      { annotations: { 'meta.helm.sh/release-name': 'cd' } },
      'Helm (release cd)',
      'resource-policy: keep',
    ],
    [
      'any owner reference',
      { ownerReferences: [{ kind: 'SealedSecret', name: 'sealed' }] },
      'SealedSecret sealed',
      'owner reference',
    ],
  ])('%s blocks, named, with the change that frees the Secret', (_, change, name, freeing) => {
    const findings = found({ mtls: mtls(change), settings: { adopt: 'existing' } }, 'foreign-owner');
    expect(findings).toMatchObject([{ severity: 'blocking', about: `Secret argocd/${MTLS}` }]);
    expect(findings[0]?.what).toContain(name);
    expect(findings[0]?.next).toContain(freeing);
  });

  test('a mark that is taken off frees the Secret, although managedFields remember', () => {
    const left = mtls({ owners: [owner('cert-manager-certificates-issuing', 'client.crt')] });
    expect(found({ mtls: left }, 'foreign-owner')).toEqual([]);
    expect(found({ mtls: left }, 'foreign-fields')).toMatchObject([{ severity: 'blocking' }]);
    expect(found({ mtls: left, settings: { adopt: 'existing' } }, 'foreign-fields')).toMatchObject([
      { severity: 'info' },
    ]);
  });

  test('a hand-made Secret blocks until the configuration says to adopt it', () => {
    const made = mtls({ owners: [owner('kubectl-create', 'client.crt', 'client.key')] });
    expect(found({ mtls: made }, 'foreign-fields')).toMatchObject([
      {
        severity: 'blocking',
        what: expect.stringContaining('kubectl-create'),
        next: expect.stringContaining('adopt: existing'),
      },
    ]);
  });

  test('keys that are not ours, and our own fields, are left in peace', () => {
    const shared = mtls({ owners: [owner('kubectl', 'notes.txt'), owner(FIELD_MANAGER, 'client.crt')] });
    expect(found({ mtls: shared }, 'foreign-fields')).toEqual([]);
  });

  test('the parameters are shared: only the keys to be written count, and not where they hold the right path', () => {
    const keys = ['server.repo.server.ca.cert.path', 'repo.server'];
    const owners = [owner('kubectl-edit', ...keys)];
    const path = '/app/config/reposerver/mtls/server-ca.crt';
    expect(
      found(
        { params: storedParams({ 'server.repo.server.ca.cert.path': '/old' }, { owners }) },
        'foreign-fields',
      ),
    ).toHaveLength(1);
    expect(
      found(
        { params: storedParams({ 'server.repo.server.ca.cert.path': path }, { owners }) },
        'foreign-fields',
      ),
    ).toEqual([]);
    const synced = { annotations: { 'argocd.argoproj.io/tracking-id': 'cd:x' } };
    expect(found({ params: storedParams({}, synced) }, 'foreign-owner')).toEqual([]);
  });
});

test("the label that makes a Secret part of Argo CD's settings is a warning, with a patch that takes it off", () => {
  const labels = { 'app.kubernetes.io/part-of': 'argocd' };
  const [finding] = found({ mtls: mtls({ labels }) }, 'settings-label');
  expect(finding?.severity).toBe('warning');
  expect(parse(finding?.patch ?? '').metadata.labels).toEqual({ 'app.kubernetes.io/part-of': null });
});
