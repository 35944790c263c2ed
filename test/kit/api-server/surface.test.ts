import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { rawCaller } from '../../contract/admin.ts';
import { manualClock } from './clock.ts';
import { type ApiServer, startApiServer } from './index.ts';

let api: ApiServer;
beforeEach(async () => {
  api = await startApiServer({ clock: manualClock() });
});
afterEach(() => api.close());

const as = (user: string) => {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(api.kubeconfigFor(user));
  return rawCaller(kubeConfig);
};

describe('the agent’s surface', () => {
  const SECRETS = '/api/v1/namespaces/argocd/secrets';
  test.each([
    ['a list of Secrets', SECRETS, {}],
    ['a watch on all Secrets', SECRETS, { query: { watch: 'true' } }],
    ['a POST of a Secret', SECRETS, { method: 'POST', body: {} }],
    ['a PUT of a Deployment', '/apis/apps/v1/namespaces/argocd/deployments/w', { method: 'PUT', body: {} }],
    ['a look at ReplicaSets', '/apis/apps/v1/namespaces/argocd/replicasets', {}],
    ['a deletion of a pod', '/api/v1/namespaces/argocd/pods/p', { method: 'DELETE' }],
    ['a look at all namespaces', '/api/v1/namespaces', {}],
    [
      'a patch of a Certificate beside its status',
      '/apis/cert-manager.io/v1/namespaces/argocd/certificates/c',
      { method: 'PATCH' },
    ],
  ] as const)('%s is a violation', async (_what, path, call) => {
    void as('agent')(path, call).catch(() => undefined);
    while (api.violations.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(api.violations).toHaveLength(1);
  });

  test('the same calls of the admin are none', async () => {
    await as('admin')(SECRETS);
    await as('admin')('/api/v1/namespaces');
    expect(api.violations).toEqual([]);
  });
});

test('a token that nobody has is unauthorized', async () => {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(api.kubeconfig.replace('token-of-agent', 'forged'));
  expect((await rawCaller(kubeConfig)('/api/v1/namespaces/argocd/secrets/s')).status).toBe(401);
});
