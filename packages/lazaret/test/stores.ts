/** The stores that tests run against: the embedded one and PostgreSQL. */
export type TestStore = 'pglite' | 'postgres';

/**
 * What `LAZARET_TEST_STORE` asks for: `pglite`, `postgres` or `both`, which is also what counts
 * where it is not set. Anything else is an error, so that a typing mistake tests something.
 */
export function storesAskedFor(value = process.env['LAZARET_TEST_STORE']): readonly TestStore[] {
  switch (value) {
    case undefined:
    case '':
    case 'both':
      return ['pglite', 'postgres'];
    case 'pglite':
    case 'postgres':
      return [value];
    default:
      throw new Error(`LAZARET_TEST_STORE is '${value}'; it may be pglite, postgres or both.`);
  }
}
