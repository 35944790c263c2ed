/** The hermetic tier: no root, no network beyond loopback, no Go. The real cluster has a configuration of its own in test/cluster. */
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
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/cluster/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};
