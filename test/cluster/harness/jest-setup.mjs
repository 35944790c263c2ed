/**
 * Before all files: a fresh cluster with both instances, unless KUBECONFIG names another one.
 * MTLS_ROTATOR_REUSE=1 takes the one that runs, and leaves it running: for work on a test, never for a result.
 */
import { existsSync } from 'node:fs';
import { endOnSignals } from './cluster.ts';
import { isForeign } from './cluster-under-test.ts';
import { startEverything } from './everything.ts';
import { kubeconfig } from './settings.ts';

export default async function setup() {
  if (isForeign()) return;
  if (process.env.MTLS_ROTATOR_REUSE === '1' && existsSync(kubeconfig)) return;
  endOnSignals();
  await startEverything();
}
