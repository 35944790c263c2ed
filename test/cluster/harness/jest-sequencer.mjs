/**
 * The order of the files: what is measured under traffic first, each group by name. jest's own order depends on what earlier
 * runs left in its cache, so that the same commit would meet the cluster in another state each time.
 */
import { createRequire } from 'node:module';

const { default: Sequencer } = createRequire(import.meta.resolve('jest'))('@jest/test-sequencer');

const measured = (path) => path.includes('/scenarios/');

export default class ByName extends Sequencer {
  sort(tests) {
    return [...tests].sort(
      (a, b) => Number(measured(b.path)) - Number(measured(a.path)) || a.path.localeCompare(b.path),
    );
  }
}
