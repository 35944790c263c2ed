import { afterEach, describe, test } from '@jest/globals';
import { FACTS } from '../../../agent/argocd/facts.ts';
import { CLIENT_LEAF_CHECKS } from './checks/client-leaf.ts';
import { SERVER_CA_CHECKS } from './checks/server-ca.ts';
import { probe } from './client.ts';
import { cleanUp } from './process.ts';

const CHECKS = { ...CLIENT_LEAF_CHECKS, ...SERVER_CA_CHECKS };

afterEach(cleanUp);

for (const { component, files, when, onlyIf, behaviours } of FACTS) {
  if (component === 'repo-server') continue;
  describe(`${component} and ${files.join(', ')} (read ${when}, ${onlyIf})`, () => {
    test.each(behaviours)(
      '$event: $outcome',
      async ({ check }) => {
        const run = CHECKS[check];
        if (run === undefined) throw new Error(`no check is called ${check}`);
        await run(probe(component));
      },
      120_000,
    );
  });
}
