/**
 * Before all files: both instances on a cluster. A fresh one in CI and with MTLS_ROTATOR_FRESH=1 (whatever counts as a
 * result), else the one that is up, else one of this run's own; or the one that KUBECONFIG names.
 */
import { endOnSignals } from './cluster.ts';
import { isForeign } from './cluster-under-test.ts';
import { startEverything } from './everything.ts';
import { enter, isUp, refuseWhileUsed } from './users.ts';

export default async function setup() {
  if (isForeign()) return;
  const fresh = process.env.CI === 'true' || process.env.MTLS_ROTATOR_FRESH === '1';
  if (isUp() && !fresh) return enter();
  refuseWhileUsed();
  endOnSignals();
  await startEverything();
  enter();
  globalThis.startedCluster = true;
}
