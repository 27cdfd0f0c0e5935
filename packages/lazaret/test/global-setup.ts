import type { TestProject } from 'vitest/node';
import { startPostgres, type PostgresOffer } from './postgres.ts';
import { storesAskedFor } from './stores.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: PostgresOffer;
  }
}

/** One PostgreSQL for the whole test run; each test file makes its own database in it. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  if (!storesAskedFor().includes('postgres')) {
    project.provide('postgres', { url: null, reason: 'LAZARET_TEST_STORE=pglite' });
    return () => Promise.resolve();
  }
  const server = await startPostgres();
  if ('reason' in server) {
    project.provide('postgres', { url: null, reason: server.reason });
    return () => Promise.resolve();
  }
  project.provide('postgres', { url: server.url, reason: null });
  return () => server.stop();
}
