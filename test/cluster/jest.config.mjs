/** The tier on real Kubernetes, cert-manager and Argo CD: one cluster for all files, so one file at a time. */
import base from '../../jest.config.mjs';

// The full tier's own: the clients' rows on the released programs themselves (a quarter of an hour; CI's tier has them through Argo CD's own
// client code), the mesh, source × layout × change class pairwise (CI's has each of them once), and sidecars. CI's tier
// has 35 minutes.
const full = process.env.MTLS_ROTATOR_TIER === 'full';

export default {
  rootDir: import.meta.dirname,
  testEnvironment: base.testEnvironment,
  extensionsToTreatAsEsm: base.extensionsToTreatAsEsm,
  transform: base.transform,
  testMatch: ['<rootDir>/**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(full ? [] : ['facts\\.programs', 'scenarios/mesh', 'scenarios/pairs', 'scenarios/sidecar']),
  ],
  globalSetup: '<rootDir>/harness/jest-setup.mjs',
  globalTeardown: '<rootDir>/harness/jest-teardown.mjs',
  testSequencer: '<rootDir>/harness/jest-sequencer.mjs',
  maxWorkers: 1,
  testTimeout: 300_000,
  bail: false,
};
