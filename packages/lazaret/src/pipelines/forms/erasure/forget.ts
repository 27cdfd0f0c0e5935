/**
 * Forgetting items and subjects in the tables of forms, all in the transaction of the erasure. Files
 * follow (`settle-rewriting.ts`), from a list that is written here.
 */
import { sql } from 'kysely';
import { hashOfSubject } from '../../../engine/erased.ts';
import type { Forgetting, Forgotten } from '../../../engine/pipeline.ts';
import { openArrival } from '../../../engine/stage-rows.ts';
import { isRecord, recordAbout, type RecordAbout } from '../documents/record-about.ts';
import { forgetParticipants } from '../identifiers/forgotten.ts';
import type { FormRecord } from '../record.ts';
import type { SubjectKeys } from '../study.ts';
import { visitOf } from '../subject.ts';
import { RecordDigests } from './erased-marks.ts';
import { itemsOfVisits } from './find-subject.ts';
import { forgetAlerts } from './forget-alerts.ts';
import { forgetFiles } from './forget-files.ts';
import { forgetFound } from './forget-found.ts';
import { forgetVisits } from './forget-visits.ts';
import { planRewriting } from './plan-rewriting.ts';
import { quoteNothingElse } from './quoted-values.ts';
import { keysOfRuns } from './run-keys.ts';

/** @throws SealDamaged, SealKeyDiffers */
export async function forget(forgetting: Forgetting): Promise<Forgotten> {
  const { db, key, project, subjects } = forgetting;
  await dropUnfinished(forgetting);
  const keys = await keysOfRuns(db, project);
  const arrived = await arrivedItems(forgetting, keys);
  const ids = new Set(forgetting.items.map(({ run, no }) => `${run}/${no}`));
  const visits = new Set<string>();
  // Of a person everything goes; of an item, the same person's other visits may quote it.
  const touched = new Set<string>();
  const recognised = new RecognisedRecords(keys);
  const isOfItems = subjects.length === 0;
  const forgetRecord = (id: string, subject: string, values: FormRecord['values']): void => {
    if (!isOfItems) return;
    touched.add(subject);
    recognised.add(id, values);
  };
  for (const { id, record, subject } of arrived) forgetRecord(id, subject, record.values);
  const batches = await forgetVisits(forgetting, ids, ({ id, module, subject, visit, values }) => {
    visits.add(JSON.stringify([module, subject, visit]));
    forgetRecord(id, subject, values);
  });
  await forgetFound(forgetting, new Map(arrived.map(({ id, about }) => [id, about])));
  const alerts = await forgetAlerts(forgetting, touched);
  const hashes = [...touched].map((subject) => hashOfSubject(key, subject));
  await quoteNothingElse(forgetting, hashes, await itemsOfVisits(forgetting, touched));
  const identifiers = isOfItems ? 0 : await forgetParticipants(db, key, project, subjects);
  const files = await planRewriting(forgetting, batches, hashes);
  await forgetFiles(forgetting);
  return {
    deliveries: files.deliveries,
    counts: {
      ...{ visits: visits.size, alerts, identifiers },
      ...{ shortened: files.shortened, documents: files.documents },
    },
    digests: recognised.digests,
  };
}

/** What attempts that were cut short have left counts for nothing, and nobody reads it. */
async function dropUnfinished({ db, project }: Forgetting): Promise<void> {
  for (const table of ['segment', 'evaluation', 'found'] as const) {
    await sql`delete from ${sql.table(`lazaret_forms.${table}`)} t
      using lazaret.batch b, lazaret.run r
      where b.id = t.batch and r.id = t.run and r.project = ${project}
        and b.published_attempt is distinct from t.attempt`.execute(db);
  }
}

interface ArrivedItem {
  /** `<run>/<item>` */
  readonly id: string;
  readonly record: FormRecord;
  readonly subject: string;
  readonly about: RecordAbout;
}

/** What was not delivered is kept as it arrived; what could not be read as a record is left out. */
async function arrivedItems(
  { db, key, decision }: Forgetting,
  keys: ReadonlyMap<string, SubjectKeys>,
): Promise<ArrivedItem[]> {
  const { rows } = await sql<{ run: string; no: number; arrival: Uint8Array }>`
    select i.run, i.no, i.arrival from lazaret.published_item i
    join lazaret.erased e on e.run = i.run and e.no = i.no
    where e.decision = ${decision}::uuid and i.arrival is not null`.execute(db);
  return rows.flatMap(({ run, no, arrival }) => {
    const record = openArrival(key, arrival);
    const keysOfRun = keys.get(run);
    if (!isRecord(record) || keysOfRun === undefined) return [];
    const { subject } = visitOf(record, keysOfRun);
    return [{ id: `${run}/${no}`, record, subject, about: recordAbout(record, keysOfRun) }];
  });
}

/** How the same records are recognised if they come again. */
class RecognisedRecords {
  readonly #keys: ReadonlyMap<string, SubjectKeys>;
  readonly #made = new RecordDigests();
  readonly #digests = new Set<string>();

  /** @param keys by run */
  constructor(keys: ReadonlyMap<string, SubjectKeys>) {
    this.#keys = keys;
  }

  /** @param id run and item that brought the record, `<run>/<item>` */
  add(id: string, values: FormRecord['values']): void {
    const keys = this.#keys.get(id.split('/')[0] ?? '');
    if (keys !== undefined) this.#digests.add(this.#made.of(values, keys.subject));
  }

  get digests(): readonly string[] {
    return [...this.#digests];
  }
}
