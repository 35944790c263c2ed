/**
 * A client CA rotation whose agent is killed after each of its writes, the journal's included. A file of its own: it runs beside the other half.
 */
import { test } from '@jest/globals';
import { killedAtEveryWrite } from './kills.ts';

test('killed after any write of a client CA rotation, the next agent ends it the same way, under the same trace', async () => {
  await killedAtEveryWrite('after');
}, 240_000);
