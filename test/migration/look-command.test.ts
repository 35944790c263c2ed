/** `mtls-rotator migrate look` against an API server. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { EXIT } from '../../agent/cli/exit-codes.ts';
import type { MigrationFindings } from '../../agent/model/migration-findings.ts';
import type { Rule } from '../kit/api-server/index.ts';
import { type MigrationCluster, startMigrationCluster } from '../kit/migration/cluster.ts';
import { handWired, plainStaticSecret, vaultAndExternalSecrets } from '../kit/migration/starts.ts';

let cluster: MigrationCluster | undefined;
afterEach(async () => {
  await cluster?.close();
});

const started = async (...args: Parameters<typeof startMigrationCluster>): Promise<MigrationCluster> => {
  cluster = await startMigrationCluster(...args);
  return cluster;
};

const findings = (text: string): MigrationFindings => JSON.parse(text) as MigrationFindings;

const rule = (resources: readonly string[], verbs: readonly string[], group = ''): Rule => ({
  namespaces: ['argocd'],
  apiGroups: [group],
  resources,
  verbs,
});
const WORKLOADS = [rule(['pods'], ['list']), rule(['deployments', 'statefulsets'], ['list'], 'apps')];

describe('migrate look', () => {
  test('reads only, and finds the root in the namespace that it is told to search', async () => {
    const start = plainStaticSecret();
    const { api, migrate } = await started(start);
    const near = await migrate('look', '--output', 'json');
    expect(near.code).toBe(EXIT.ok);
    expect(findings(near.out).problems.map(({ code }) => code)).toContain('root-without-key');
    const far = findings((await migrate('look', '--search-namespace', 'security', '-o', 'json')).out);
    expect(far.searched).toEqual(['argocd', 'security']);
    expect(far.certificates.find(({ class: kind }) => kind === 'root')?.keyPlaces).toEqual([
      { kind: 'Secret', namespace: 'security', name: 'corp-root', key: 'ca-key.pem' },
    ]);
    expect(api.writes).toEqual([]);
  });

  test('tells Certificates, writers and restarters, as a table and as YAML', async () => {
    const { migrate } = await started(handWired());
    const { out } = await migrate('look');
    expect(out).toContain('Reloader');
    expect(out).toContain('cert-manager (Certificate repo-client-tls)');
    expect(out.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect((await migrate('look', '-o', 'yaml')).out).toContain('certificate: repo-client-tls');
  });

  test('knows a cluster without cert-manager from one whose Certificates may not be listed', async () => {
    const { api, migrate } = await started(vaultAndExternalSecrets());
    expect(findings((await migrate('look', '-o', 'json')).out).certManager).toBe('absent');
    await api.close();
    const other = await started(handWired(), [
      ...WORKLOADS,
      rule(['secrets', 'configmaps'], ['get', 'list']),
    ]);
    const found = findings((await other.migrate('look', '-o', 'json')).out);
    expect(found.certManager).toBe('unknown');
    expect(found.problems.map(({ code }) => code)).toContain('list-forbidden');
  });

  test('who may not list Secrets has those looked at that Argo CD mounts', async () => {
    const { migrate } = await started(plainStaticSecret(), [
      ...WORKLOADS,
      rule(['secrets', 'configmaps'], ['get']),
    ]);
    const found = findings((await migrate('look', '-o', 'json')).out);
    expect(found.certificates.map(({ class: kind }) => kind).toSorted()).toEqual(['leaf', 'leaf', 'root']);
    expect(
      found.problems.filter(({ code }) => code === 'list-forbidden').map(({ about }) => about),
    ).toContain('secrets of namespace argocd');
  });

  test('a mounted Secret that may not be read is named, never taken for absent', async () => {
    const { migrate } = await started(plainStaticSecret(), WORKLOADS);
    const found = findings((await migrate('look', '-o', 'json')).out);
    expect(
      found.problems.filter(({ severity }) => severity === 'blocking').map(({ about }) => about),
    ).toEqual(['Secret argocd/argocd-repo-server-tls', 'Secret argocd/argocd-repo-server-mtls']);
  });

  test('without any right it fails as refused, and names the call', async () => {
    const { migrate } = await started({}, []);
    const { code, err } = await migrate('look');
    expect(code).toBe(EXIT.refused);
    expect(err).toContain('list deployments argocd failed');
  });
});
