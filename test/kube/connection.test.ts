import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { createCluster } from '../../agent/kube/cluster.ts';
import { loadConnection } from '../../agent/kube/connection.ts';
import { RotatorError } from '../../agent/model/errors.ts';
import { manualClock } from '../kit/api-server/clock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'connection-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const kubeconfig = (currentContext: string): string => {
  const path = join(folder, 'kubeconfig');
  writeFileSync(
    path,
    JSON.stringify({
      clusters: [
        { name: 'a', cluster: { server: 'https://a.example' } },
        { name: 'b', cluster: { server: 'https://b.example' } },
      ],
      users: [{ name: 'u', user: { token: 'T' } }],
      contexts: [
        { name: 'a', context: { cluster: 'a', user: 'u' } },
        { name: 'b', context: { cluster: 'b', user: 'u' } },
      ],
      'current-context': currentContext,
    }),
  );
  return path;
};

const refusal = (load: () => unknown): RotatorError => {
  try {
    load();
  } catch (error) {
    if (error instanceof RotatorError) return error;
    throw error;
  }
  throw new Error('it was not refused');
};

describe('the connection', () => {
  test('is the kubeconfig’s current context, or the one that is asked for', () => {
    const path = kubeconfig('a');
    expect(loadConnection({ path }).getCurrentCluster()?.server).toBe('https://a.example');
    expect(loadConnection({ path, context: 'b' }).getCurrentCluster()?.server).toBe('https://b.example');
  });

  test('is refused where the file is missing, and the file is named', () => {
    const path = join(folder, 'nowhere');
    expect(refusal(() => loadConnection({ path }))).toMatchObject({ kind: 'refused' });
    expect(refusal(() => loadConnection({ path })).what).toContain(path);
  });

  test('is refused where the kubeconfig names no current cluster', () => {
    expect(refusal(() => loadConnection({ path: kubeconfig('') })).what).toContain('No cluster was found');
  });
});

test('a kubeconfig whose settings can’t be used fails by name, at once', async () => {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name: 'c', server: 'http://127.0.0.1:1', skipTLSVerify: false },
    { name: 'u' },
  );
  const cluster = createCluster({
    kubeConfig,
    clock: manualClock(),
    random: { hex: () => '80' },
    reporter: 'test',
  });
  await expect(cluster.readSecret('argocd', 'mtls')).rejects.toMatchObject({
    reason: 'unauthorized',
    kind: 'refused',
    what: expect.stringContaining('HTTP protocol is not allowed'),
  });
});
