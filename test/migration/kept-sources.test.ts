/** Pairs that stay where nothing new can be issued: the sources that a plan makes of them hand over what admission takes. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { stringify } from 'yaml';
import { admit } from '../../agent/admission/admit.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import { createCluster } from '../../agent/kube/cluster.ts';
import { NOTHING_PUBLISHED } from '../../agent/model/material.ts';
import { systemRandom } from '../../agent/runtime/system-random.ts';
import { createSources } from '../../integrations/registry.ts';
import { storedSecret } from '../kit/argocd/preflight.ts';
import { ManualClock } from '../kit/manual-clock.ts';
import { type MigrationCluster, startMigrationCluster } from '../kit/migration/cluster.ts';
import { planFor } from '../kit/migration/planned.ts';
import { AT, type Start } from '../kit/migration/sight.ts';
import { plainStaticSecret, staticConfigMap, staticSecret } from '../kit/migration/starts.ts';
import { makeCa, makeLeaf, USAGE } from '../kit/pki/index.ts';

let cluster: MigrationCluster | undefined;
afterEach(async () => {
  await cluster?.close();
});

/** Fingerprint and anchors of what the configured sources hand over, or why it is refused. */
const handedOver = async (start: Start): Promise<readonly string[]> => {
  const plan = planFor(start, { keep: 'trust-only' });
  const parsed = parseConfig(stringify(plan.config));
  const settings = parsed.ok ? parsed.settings.instances[0] : undefined;
  if (settings === undefined) throw new Error(JSON.stringify(parsed));
  cluster = await startMigrationCluster(start);
  const clock = new ManualClock(AT);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(cluster.api.kubeconfig);
  const tools = { kubeConfig, clock, random: systemRandom, reporter: 'test', onTrouble: () => undefined };
  const sources = createSources(settings, { cluster: createCluster(tools), clock });
  return await Promise.all(
    sources.map(async ({ source, purpose }) => {
      const reading = await source.read(NOTHING_PUBLISHED);
      if (reading.state !== 'ready') return `${reading.state}: ${JSON.stringify(reading)}`;
      const admission = admit(reading.raw, purpose, AT, { dialledNames: ['argocd-repo-server'] });
      return 'refusal' in admission
        ? admission.refusal.what
        : admission.material.leaf.certificate.fingerprint;
    }),
  );
};

describe('a kept pair', () => {
  test.each([
    ['of a Secret', plainStaticSecret],
    ['in base64 twice', staticSecret],
    ['of a ConfigMap', staticConfigMap],
  ])('%s is handed over', async (_from, start) => {
    const known = start();
    expect(await handedOver(known)).toEqual([known.client.certificate.fingerprint]);
  });

  test('below an intermediate, with the root in another object, is handed over with its chain', async () => {
    const root = makeCa({ name: 'Root' });
    const leaf = makeLeaf(makeCa({ name: 'Issuing', issuer: root }), { usages: [USAGE.client] });
    const start = {
      secrets: [
        storedSecret('pair', { 'my.crt': leaf.chainPem, 'my.key': leaf.keyPem }),
        storedSecret('trust', { 'root.pem': root.pem }),
      ],
    };
    expect(await handedOver(start)).toEqual([leaf.certificate.fingerprint]);
  });
});
