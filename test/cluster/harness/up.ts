/** `npm run cluster:up` */
import { endOnSignals } from './cluster.ts';
import { startEverything } from './everything.ts';
import { kubeconfig } from './settings.ts';

endOnSignals();
await startEverything();
console.log(`the cluster is up: export KUBECONFIG=${kubeconfig}`);
