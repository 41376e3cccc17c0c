import { readdirSync } from 'node:fs';
import { transformFileSync } from '@swc/core';

const swc = {
  swcrc: false,
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    // As in tsconfig.json: Nest's injection and class-validator read this metadata.
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
};

// A file of types alone compiles to nothing, is never loaded, and would count as untested.
const typesOnly = readdirSync('lib', { recursive: true })
  .filter((file) => /(?<!\.spec)\.ts$/.test(file))
  .map((file) => `lib/${file.replaceAll('\\', '/')}`)
  .filter((file) => transformFileSync(file, { ...swc, minify: true }).code === 'export{};');

/** What both projects share. Jest runs as ESM: see the `jest` script for the flag that needs. */
const shared = {
  testEnvironment: 'node',
  setupFilesAfterEnv: ['<rootDir>/test/support/leaves-nothing.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  moduleNameMapper: {
    '^nestjs-http-pool$': '<rootDir>/lib/index.ts',
    '^nestjs-http-pool/testing$': '<rootDir>/lib/testing.ts',
    // Imports name the compiled file (`./x.js`); here it is still `./x.ts`.
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
};

export default {
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/lib/**/*.spec.ts'] },
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/test/**/*.e2e-spec.ts'] },
  ],
  // Collecting coverage is most of the work: jest would leave one of two cores to itself.
  maxWorkers: '100%',
  // A worker keeps the modules of every file that it ran, and its coverage looks at all of them after each file.
  workerIdleMemoryLimit: '700MB',
  // A deadline for what hangs, not a measure: some tests do thousands of requests on a busy machine.
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/scripts/count-reporter.js'],
  // babel's instrumentation loses files that hold only decorated classes.
  coverageProvider: 'v8',
  collectCoverageFrom: [
    'lib/**/*.ts',
    '!lib/**/*.spec.ts',
    '!lib/index.ts',
    // The command line runs in processes of its own, from dist: its tests drive it, and don't load it.
    '!lib/process/**',
    ...typesOnly.map((file) => `!${file}`),
  ],
  coverageReporters: ['text', 'lcov'],
  coverageThreshold: { global: { lines: 95 } },
};
