/**
 * The same rows once more on the released programs themselves, in a namespace of their own. The quick tier leaves out of the three
 * controllers what they only read at start and run with: their client code is checked for that in facts.clients.
 */
import { afterAll, afterEach, beforeAll, describe, test } from '@jest/globals';
import { FACTS } from '../../../agent/argocd/facts.ts';
import type { ClientComponent } from '../../../agent/model/terms.ts';
import { clusterUnderTest } from '../harness/cluster-under-test.ts';
import { CLIENT_LEAF_CHECKS } from './checks/client-leaf.ts';
import { SERVER_CA_CHECKS } from './checks/server-ca.ts';
import type { Subject } from './client.ts';
import {
  createCallers,
  realApplicationController,
  realApplicationSetController,
  realNotifications,
} from './controllers.ts';
import { cleanUp } from './process.ts';
import { prepareNamespace, realServer, removeNamespace } from './programs.ts';

const CHECKS = { ...CLIENT_LEAF_CHECKS, ...SERVER_CA_CHECKS };
const SUBJECTS: Readonly<Record<ClientComponent, (kubeconfig: string) => Subject>> = {
  server: realServer,
  'application-controller': realApplicationController,
  'applicationset-controller': realApplicationSetController,
  'notifications-controller': realNotifications,
};
const FULL = process.env.MTLS_ROTATOR_TIER === 'full';
const kubeconfig = () => clusterUnderTest().kubeconfig;

beforeAll(async () => {
  await prepareNamespace(kubeconfig());
  await createCallers(kubeconfig());
}, 120_000);
afterEach(cleanUp);
afterAll(() => removeNamespace(kubeconfig()), 120_000);

for (const { component, role, files, behaviours } of FACTS) {
  if (component === 'repo-server') continue;
  const quick = !FULL && component !== 'server' && role !== 'client-leaf';
  const shown = quick ? behaviours.filter(({ outcome }) => outcome === 'does-not-start') : behaviours;
  if (shown.length === 0) continue;
  describe(`the program of ${component} and ${files.join(', ')}`, () => {
    test.each(shown)(
      '$event: $outcome',
      async ({ check }) => {
        const run = CHECKS[check];
        if (run === undefined) throw new Error(`no check is called ${check}`);
        await run(SUBJECTS[component](kubeconfig()));
      },
      240_000,
    );
  });
}
