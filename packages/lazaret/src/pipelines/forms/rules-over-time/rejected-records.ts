/**
 * Records that rules have stopped: no version of a visit is kept of them, but they are as they came.
 * There may be a million, and they lie in no buckets. So they are gone over twice: once to learn of
 * each the bucket of its subject, which is all that is remembered, and then a bucket at a time.
 */
import { sql } from 'kysely';
import { openArrival } from '../../../engine/stage-rows.ts';
import type { ProjectKey } from '../../../identity/keys.ts';
import type { Db } from '../../../store/open.ts';
import { isRecord } from '../documents/record-about.ts';
import type { Evaluated } from '../judging/evaluate.ts';
import type { FormRecord } from '../record.ts';
import type { SubjectKeys } from '../study.ts';
import { bucketOf, visitOf } from '../subject.ts';

export interface RejectedRecord extends Evaluated {
  /** Run and item that brought it: `<run>/<item>`. */
  readonly id: string;
  readonly cameAt: Date;
}

export interface RejectedRecords {
  readonly buckets: readonly number[];
  /** Of each visit the newest one. @throws SealDamaged, SealKeyDiffers */
  inBucket(bucket: number): AsyncGenerator<RejectedRecord>;
}

/** So many are opened at once. */
const PAGE_ROWS = 500;

interface RejectingRun {
  readonly id: string;
  readonly at: Date;
}

/** The numbers of items, by which of the runs has them: the newest run first. */
type RunItems = Map<number, number[]>;

/**
 * The records of a module that were rejected for a rule.
 * @throws SealDamaged, SealKeyDiffers, the reason of the signal
 */
export async function rejectedRecords(
  db: Db,
  key: ProjectKey,
  keys: SubjectKeys,
  {
    project,
    module,
    signal,
  }: { readonly project: string; readonly module: string; readonly signal: AbortSignal },
): Promise<RejectedRecords> {
  const { rows: runs } = await sql<RejectingRun>`
    select r.id, r.created_at as at from lazaret.run r
    where r.project = ${project} and r.pipeline = 'forms'
    order by r.created_at desc, r.id desc`.execute(db);
  const byBucket = new Map<number, RunItems>();
  for (const [index, { id }] of runs.entries()) {
    for (let after = 0; ;) {
      signal.throwIfAborted();
      const { rows } = await sql<ArrivalRow>`
        select i.no, i.arrival from lazaret.published_item i
        where i.run = ${id} and i.no > ${after}::bigint and i.disposition = 'rejected'
          and i.code = 'RuleFailed' and i.arrival is not null and i.facts ->> 'module' = ${module}
        order by i.no limit ${PAGE_ROWS}`.execute(db);
      for (const { no, record } of opened(key, rows)) {
        const bucket = bucketOf(visitOf(record, keys).subject);
        const items: RunItems = byBucket.get(bucket) ?? new Map();
        byBucket.set(bucket, items);
        const ofRun = items.get(index);
        if (ofRun === undefined) items.set(index, [no]);
        else ofRun.push(no);
      }
      if (rows.length < PAGE_ROWS) break;
      after = Number(rows.at(-1)?.no ?? after);
    }
  }
  return {
    buckets: [...byBucket.keys()],
    async *inBucket(bucket) {
      const seen = new Set<string>();
      for (const [index, numbers] of byBucket.get(bucket) ?? []) {
        const run = runs[index];
        if (run === undefined) throw new Error('A run of rejected records is not there.');
        for await (const record of recordsOf(db, key, keys, { run, module, numbers })) {
          const slot = JSON.stringify([record.subject, record.visit]);
          if (seen.has(slot)) continue;
          seen.add(slot);
          yield record;
        }
      }
    },
  };
}

async function* recordsOf(
  db: Db,
  key: ProjectKey,
  keys: SubjectKeys,
  of: { readonly run: RejectingRun; readonly module: string; readonly numbers: readonly number[] },
): AsyncGenerator<RejectedRecord> {
  const { run, module, numbers } = of;
  for (let from = 0; from < numbers.length; from += PAGE_ROWS) {
    const some = numbers.slice(from, from + PAGE_ROWS);
    const { rows } = await sql<ArrivalRow>`
      select i.no, i.arrival from lazaret.published_item i
      where i.run = ${run.id} and i.no = any(${some}::bigint[]) and i.arrival is not null
      order by i.no`.execute(db);
    for (const { no, record } of opened(key, rows)) {
      const { subject, visit, date } = visitOf(record, keys);
      const { values } = record;
      yield { id: `${run.id}/${no}`, cameAt: run.at, subject, visit, date, module, values };
    }
  }
}

interface ArrivalRow {
  readonly no: number | string;
  readonly arrival: Uint8Array;
}

function* opened(
  key: ProjectKey,
  rows: readonly ArrivalRow[],
): Generator<{ readonly no: number; readonly record: FormRecord }> {
  for (const { no, arrival } of rows) {
    const record = openArrival(key, arrival);
    if (isRecord(record)) yield { no: Number(no), record };
  }
}
