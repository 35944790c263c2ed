/** What comes from Debian. Invariant: nothing is asked of the network where everything is there. */
import { join } from 'node:path';
import { folders } from './settings.ts';
import { shell } from './shell.ts';

export async function installMissing(): Promise<void> {
  await shell(join(folders.cluster, 'bin', 'install'), [], { show: true });
}
