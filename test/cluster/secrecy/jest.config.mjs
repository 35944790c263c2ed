/** The program as a process alone, without a cluster: `npm run test:secrecy`. The cluster's own run has it too. */
import base from '../jest.config.mjs';

const {
  globalSetup: _,
  globalTeardown: __,
  testPathIgnorePatterns: ___,
  testSequencer: ____,
  ...rest
} = base;

export default { ...rest, rootDir: import.meta.dirname };
