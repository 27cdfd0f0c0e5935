/**
 * A record as its rules saw it: judged once more, with the rules of its run, on the day of the run
 * and beside the earlier visits that were kept then. What a rule read is kept of alerts alone; of
 * errors it is found out again, so that a million errors need no room for it.
 */
import { sql } from 'kysely';
import { openArrival } from '../../../engine/stage-rows.ts';
import type { ProjectKey } from '../../../identity/keys.ts';
import type { Db } from '../../../store/open.ts';
import type { RunRow } from '../../../store/runs.ts';
import type { FormsConfiguration } from '../configure.ts';
import { isRecord } from '../documents/record-about.ts';
import { unpackVisits, type VisitRead } from '../history/kept-visit.ts';
import { SubjectHistory } from '../history/subject-history.ts';
import { evaluate, type Evaluated, type JudgedRule } from '../judging/evaluate.ts';
import type { SubjectKeys } from '../study.ts';
import { bucketOf, visitOf } from '../subject.ts';
import { answersAtHand } from './answers-at-hand.ts';
import { judgingTools } from './judging-tools.ts';
import { readHistories } from './kept-bucket.ts';

export interface CheckedRecord {
  readonly about: Evaluated;
  /** Physical line and record number; null of what went on, whose place is not kept. */
  readonly line: number | null;
  readonly record: number | null;
  /** The rules that it breaks. */
  readonly rules: readonly JudgedRule[];
  /** The other visits that its rules looked at. */
  readonly reads: readonly VisitRead[];
}

/**
 * @param item the item that brought the record
 * @param checkedBy the run whose check is asked about: it has the rules
 * @returns null where nothing is kept of the record
 * @throws SealDamaged, SealKeyDiffers, IdentifierTableMissing
 */
export async function checkAgain(
  db: Db,
  key: ProjectKey,
  item: { readonly run: string; readonly no: number },
  checkedBy: RunRow,
): Promise<CheckedRecord | null> {
  const { project, recipe, created_at: asOf } = checkedBy;
  const tools = judgingTools(checkedBy.configuration as FormsConfiguration, { key, recipe });
  const found =
    (await stopped(db, key, item, tools.configuration.study.keys)) ?? (await kept(db, key, item));
  if (found === null) return null;
  const { subject } = found.about;
  const bucket = bucketOf(subject);
  const histories = await readHistories(db, key, { project, bucket, subject, asOf });
  const { forRules: answers } = await answersAtHand(db, project, tools, asOf);
  const { rules, reads } = evaluate(
    found.about,
    histories.get(subject) ?? new SubjectHistory(),
    // How alerts stand is asked of the store; here it is about what the rules saw.
    { tools, known: new Map(), answers },
  );
  return { ...found, rules, reads };
}

type Found = Pick<CheckedRecord, 'about' | 'line' | 'record'>;

/** What did not go on is kept as it arrived. */
async function stopped(
  db: Db,
  key: ProjectKey,
  { run, no }: { readonly run: string; readonly no: number },
  keys: SubjectKeys,
): Promise<Found | null> {
  const row = await db
    .selectFrom('lazaret.published_item')
    .select('arrival')
    .where('run', '=', run)
    .where('no', '=', no)
    .executeTakeFirst();
  const record = row === undefined || row.arrival === null ? null : openArrival(key, row.arrival);
  if (!isRecord(record)) return null;
  const { module, values, place } = record;
  const about = { ...visitOf(record, keys), module, values };
  return { about, line: place.line, record: place.record };
}

/** What went on is a version of a visit, kept by the run that brought it. */
async function kept(
  db: Db,
  key: ProjectKey,
  { run, no }: { readonly run: string; readonly no: number },
): Promise<Found | null> {
  const segments = await sql<{ id: string }>`
    select id::text as id from lazaret_forms.published_segment where run = ${run} order by id`.execute(
    db,
  );
  for (const { id } of segments.rows) {
    const { rows } = await sql<{ payload: Uint8Array }>`
      select payload from lazaret_forms.segment where id = ${id}::bigint`.execute(db);
    for (const { payload } of rows) {
      const version = unpackVisits(key, Uint8Array.from(payload)).find(
        (one) => one.id === `${run}/${no}`,
      );
      if (version !== undefined) return { about: version, line: null, record: null };
    }
  }
  return null;
}
