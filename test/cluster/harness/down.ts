/** `npm run cluster:down` */
import { stopCluster } from './cluster.ts';
import { timed } from './timed.ts';

await timed('down', stopCluster);
