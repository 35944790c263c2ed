/** The hermetic tier: no root, no network beyond loopback, no Go. The real cluster has a configuration of its own in test/cluster. */

/** Whole rotations and migrations many times over, and what searches: `npm run test:long` has them, so that `npm test` stays short. */
export const LONG = [
  'test/admission/bad-material.test.ts',
  'test/explore/explore.test.ts',
  'test/fuzz/extremes.test.ts',
  'test/fuzz/fuzz.test.ts',
  'test/manifests/sidecar-rights.test.ts',
  'test/migration/killed.test.ts',
  'test/migration/planned-run.test.ts',
  'test/migration/refused.test.ts',
  'test/migration/run.test.ts',
  'test/migration/starts.test.ts',
  'test/migration/vault.test.ts',
  'test/migration/walk-through.test.ts',
  'test/rotation/files.test.ts',
  'test/rotation/killed-all-along.test.ts',
  'test/rotation/policy.test.ts',
  'test/secrecy/rotations.test.ts',
  'test/sidecar/explore.test.ts',
  'test/sidecar/rotation.test.ts',
];

export default {
  testEnvironment: 'node',
  // Half of the time is spent waiting for handshakes: a worker for each core, not one less.
  maxWorkers: '100%',
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
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/cluster/',
    ...LONG.map((file) => `<rootDir>/${file.replaceAll('.', '\\.')}$`),
  ],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};
