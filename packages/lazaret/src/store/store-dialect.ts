/**
 * PostgreSQL as Kysely knows it, with one thing added: an error of the connection is a fault of the
 * store. Its code alone (ECONNRESET) does not say whose connection it was, and a batch must not be
 * blamed for the store's. Errors of the server keep their SQLSTATE.
 */
import {
  PostgresDialect,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
} from 'kysely';
import { networkCodes, storeCodes, toFault } from '@lazaret/faults';

export class StoreDialect extends PostgresDialect {
  override createDriver(): Driver {
    return translate(super.createDriver());
  }
}

function translate(driver: Driver): Driver {
  /** The driver knows its connections by their identity. */
  const inner = new WeakMap<DatabaseConnection, DatabaseConnection>();
  const own = (connection: DatabaseConnection): DatabaseConnection =>
    inner.get(connection) ?? connection;
  return {
    init: () => driver.init(),
    async acquireConnection() {
      const connection = await told(driver.acquireConnection());
      const wrapped: DatabaseConnection = {
        executeQuery: <Row>(query: CompiledQuery): Promise<QueryResult<Row>> =>
          told(connection.executeQuery<Row>(query)),
        streamQuery: <Row>(query: CompiledQuery, chunkSize: number) =>
          connection.streamQuery<Row>(query, chunkSize),
      };
      inner.set(wrapped, connection);
      return wrapped;
    },
    beginTransaction: (connection, settings) =>
      told(driver.beginTransaction(own(connection), settings)),
    commitTransaction: (connection) => told(driver.commitTransaction(own(connection))),
    rollbackTransaction: (connection) => told(driver.rollbackTransaction(own(connection))),
    releaseConnection: (connection) => driver.releaseConnection(own(connection)),
    destroy: () => driver.destroy(),
  };
}

async function told<Result>(act: Promise<Result>): Promise<Result> {
  try {
    return await act;
  } catch (error) {
    const { code, parameters } = toFault(error);
    if (!Object.hasOwn(networkCodes.entries, code)) throw error;
    throw storeCodes.fault(
      'StoreUnreachable',
      {
        dependency: 'the store',
        sqlState: String(parameters['systemCode'] ?? 'unknown'),
        query: 'unknown',
        database: 'unknown',
        constraint: 'unknown',
      },
      { cause: error },
    );
  }
}
