/** The tier on real Kubernetes, cert-manager and Argo CD: one cluster for all files, so one file at a time. */
// The clients' rows on the released programs themselves take a quarter of an hour: the full tier. CI's has them through Argo CD's own client code.
const full = process.env.MTLS_ROTATOR_TIER === 'full';

export default {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testMatch: ['<rootDir>/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...(full ? [] : ['facts\\.programs'])],
  globalSetup: '<rootDir>/harness/jest-setup.mjs',
  globalTeardown: '<rootDir>/harness/jest-teardown.mjs',
  maxWorkers: 1,
  testTimeout: 300_000,
  bail: false,
};
