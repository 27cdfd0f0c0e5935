/**
 * Inserting many rows in one statement, which carries them as one JSON document: a third of the work
 * of a statement with a parameter for each value.
 */
import { sql } from 'kysely';
import type { Insertable } from 'kysely';
import type { Db } from './open.ts';
import type { Tables } from './tables.ts';

export type ColumnType = 'uuid' | 'bigint' | 'int' | 'text' | 'jsonb' | 'bytea' | 'timestamptz';

export type ColumnsOf<Table extends keyof Tables> = {
  readonly [Name in keyof Insertable<Tables[Table]>]-?: ColumnType;
};

/** Rows at once: what they take is in memory three times, here, on its way and in the statement. */
const ROWS_AT_ONCE = 1_000;

/** @param rows what is `jsonb` as it is, and not as a text */
export async function insertMany<Table extends keyof Tables>(
  db: Db,
  table: Table,
  columns: ColumnsOf<Table>,
  rows: readonly { readonly [Name in keyof ColumnsOf<Table>]: unknown }[],
): Promise<void> {
  const names = Object.entries<ColumnType>(columns);
  const targets = sql.join(names.map(([name]) => sql.ref(name)));
  const values = sql.join(
    names.map(([name, type]) =>
      type === 'bytea' ? sql`decode(${sql.ref(name)}, 'base64')` : sql.ref(name),
    ),
  );
  const types = sql.join(
    names.map(([name, type]) => sql`${sql.ref(name)} ${sql.raw(type === 'bytea' ? 'text' : type)}`),
  );
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const document = JSON.stringify(rows.slice(from, from + ROWS_AT_ONCE), asText);
    await sql`insert into ${sql.table(table)} (${targets})
      select ${values} from json_to_recordset(${document}::json) as given (${types})`.execute(db);
  }
}

/** Bytes are no JSON. A Buffer says what it is as JSON before anybody asks, so it is asked here. */
function asText(this: unknown, name: string, value: unknown): unknown {
  const given = (this as Readonly<Record<string, unknown>>)[name];
  return given instanceof Uint8Array ? Buffer.from(given).toString('base64') : value;
}
