import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'packages/**/*.test.ts',
      'fixtures/**/*.test.ts',
      'bench/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/lazaret-data/**'],
    globalSetup: ['packages/lazaret/test/global-setup.ts'],
    // Processes, not threads: code under test starts worker threads and changes the process
    // (signals, working folder), which a thread of the runner cannot do.
    pool: 'forks',
    // V8 may end a process in which many embedded databases come and go, when it frees their code
    // (https://github.com/nodejs/node/issues/64500).
    execArgv: ['--no-wasm-code-gc'],
    // Two files at a time: what CI has, and PGlite and PostgreSQL want a core each.
    maxWorkers: 2,
    // An embedded database takes some seconds to start on a busy machine of two cores.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    passWithNoTests: false,
    allowOnly: false,
    reporters: [['default', { summary: false }], './scripts/count-reporter.ts'],
  },
});
