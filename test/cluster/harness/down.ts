/** `npm run cluster:down` */
import { stopCluster } from './cluster.ts';
import { timed } from './timed.ts';
import { refuseWhileUsed } from './users.ts';

refuseWhileUsed();
await timed('down', stopCluster);
