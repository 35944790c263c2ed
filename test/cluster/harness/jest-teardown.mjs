/** After all files: nothing is left. */

import { stopCluster } from './cluster.ts';
import { isForeign } from './cluster-under-test.ts';

export default async function teardown() {
  if (isForeign() || process.env.MTLS_ROTATOR_REUSE === '1') return;
  await stopCluster();
}
