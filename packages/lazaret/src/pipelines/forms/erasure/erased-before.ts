/** Telling whoever asks about something that was erased, instead of "not found". */
import { sql } from 'kysely';
import type { Db } from '../../../store/open.ts';
import { alertName } from '../alerts/alert.ts';
import { erasureCodes } from './codes.ts';

/** @param name as it was asked for @throws RecordErased */
export async function refuseErasedItem(
  db: Db,
  { run, no, name }: { readonly run: string; readonly no: number; readonly name: string },
): Promise<void> {
  const { rows } = await sql<{ at: Date }>`
    select d.at from lazaret.erased e join lazaret.decision d on d.id = e.decision
    where e.run = ${run} and e.no = ${no}`.execute(db);
  refuse(name, rows[0]?.at);
}

/** @param beginning of the alert's key @throws RecordErased */
export async function refuseErasedAlert(db: Db, project: string, beginning: string): Promise<void> {
  const { rows } = await sql<{ at: Date }>`
    select d.at from lazaret_forms.erased_alert e join lazaret.decision d on d.id = e.decision
    where e.project = ${project} and e.key >= ${beginning} and e.key < ${`${beginning}g`}
    limit 1`.execute(db);
  refuse(alertName(beginning), rows[0]?.at);
}

function refuse(what: string, at: Date | undefined): void {
  if (at === undefined) return;
  throw erasureCodes.fault('RecordErased', { what, at: at.toISOString().slice(0, 10) });
}
