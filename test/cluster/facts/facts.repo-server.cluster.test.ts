import { afterEach, describe, test } from '@jest/globals';
import { FACTS } from '../../../agent/argocd/facts.ts';
import { CLIENT_CA_CHECKS } from './checks/client-ca.ts';
import { SERVING_CHECKS } from './checks/serving.ts';
import { cleanUp } from './process.ts';

const CHECKS = { ...CLIENT_CA_CHECKS, ...SERVING_CHECKS };

afterEach(cleanUp);

for (const fact of FACTS.filter(({ component }) => component === 'repo-server')) {
  describe(`repo-server and ${fact.files.join(', ')} (read ${fact.when})`, () => {
    test.each(fact.behaviours)(
      '$event: $outcome',
      async ({ check }) => {
        const run = CHECKS[check];
        if (run === undefined) throw new Error(`no check is called ${check}`);
        await run();
      },
      60_000,
    );
  });
}
