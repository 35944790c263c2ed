/** `npm run cluster:up`: it stays until `npm run cluster:down`. */
import { endOnSignals } from './cluster.ts';
import { startEverything } from './everything.ts';
import { kubeconfig } from './settings.ts';
import { refuseWhileUsed } from './users.ts';

refuseWhileUsed();
endOnSignals();
await startEverything();
console.log(`the cluster is up: export KUBECONFIG=${kubeconfig}`);
