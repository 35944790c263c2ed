/** `npm run cluster:up` */
import { startEverything } from './everything.ts';
import { kubeconfig } from './settings.ts';

await startEverything();
console.log(`the cluster is up: export KUBECONFIG=${kubeconfig}`);
