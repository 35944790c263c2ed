/** What stands on Vault alone, without a cluster: `npm run test:vault`. The cluster's own run has these files too. */
import base from '../jest.config.mjs';

const {
  globalSetup: _,
  globalTeardown: __,
  testPathIgnorePatterns: ___,
  testSequencer: ____,
  ...rest
} = base;

export default { ...rest, rootDir: import.meta.dirname };
