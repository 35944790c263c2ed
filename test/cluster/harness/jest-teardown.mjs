/** After all files: a cluster that this run has started goes, unless somebody else has come to stand on it. */
import { stopCluster } from './cluster.ts';
import { isForeign } from './cluster-under-test.ts';
import { leave, others } from './users.ts';

export default async function teardown() {
  if (isForeign()) return;
  leave();
  if (globalThis.startedCluster !== true) return;
  if (others().length === 0) await stopCluster();
  else console.error('[cluster] left running: somebody else is using it');
}
