import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { storeCodes } from './codes.ts';
import type { Tables } from './tables.ts';

/** Plain SQL files of one owner, applied in the order of their names, each once and for good. */
export interface Migrations {
  /** Who they belong to: `lazaret`, or the name of a pipeline, which has a schema of its own. */
  readonly owner: string;
  readonly folder: URL;
}

export const HEART_MIGRATIONS: Migrations = {
  owner: 'lazaret',
  folder: new URL('./sql/', import.meta.url),
};

/**
 * Brings the schema up to date, in one transaction per file, under an advisory lock so that two
 * processes which start together do not collide.
 * @throws StoreMigrationChanged when an applied file is no longer what it was.
 * @throws StoreTooNew when the store was written by a newer version.
 */
export async function migrate(
  db: Kysely<Tables>,
  owners: readonly Migrations[],
  now: () => Date,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(trx);
    await sql`create schema if not exists lazaret`.execute(trx);
    await sql`create table if not exists lazaret.migration (
      owner text, name text, digest text not null, at timestamptz not null, primary key (owner, name))`.execute(
      trx,
    );
    for (const { owner, folder } of owners) {
      const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
      const applied = await sql<{ name: string; digest: string }>`
        select name, digest from lazaret.migration where owner = ${owner}`.execute(trx);
      const unknown = applied.rows.find(({ name }) => !names.includes(name));
      if (unknown !== undefined) {
        throw storeCodes.fault('StoreTooNew', { owner, migration: unknown.name });
      }
      for (const name of names) {
        const text = await readFile(new URL(name, folder), 'utf8');
        const digest = createHash('sha256').update(text).digest('hex');
        const before = applied.rows.find((row) => row.name === name);
        if (before !== undefined) {
          if (before.digest === digest) continue;
          throw storeCodes.fault('StoreMigrationChanged', { owner, migration: name });
        }
        for (const statement of splitStatements(text)) await sql.raw(statement).execute(trx);
        await sql`insert into lazaret.migration values (${owner}, ${name}, ${digest}, ${now()})`.execute(
          trx,
        );
      }
    }
  });
}

/** Any constant of our own; it has to be the same in every process. */
const MIGRATION_LOCK = 5_207_914;

/**
 * Splits a file at semicolons that end a line. Enough for our own files, which hold no functions;
 * the extended protocol takes one statement at a time.
 */
function splitStatements(text: string): string[] {
  return text
    .split(/;[ \t]*(?:\n|$)/)
    .map((part) => part.replace(/^\s*--.*$/gm, '').trim())
    .filter((part) => part !== '');
}
