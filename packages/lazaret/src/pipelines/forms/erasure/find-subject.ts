/** A subject who is to be forgotten: which items brought their visits, and what is on its way. */
import { sql } from 'kysely';
import { unpackLot } from '../../../engine/members.ts';
import type { ErasureContext, ItemLife, NamedSubjects } from '../../../engine/pipeline.ts';
import { unpackVisits } from '../history/kept-visit.ts';
import { idOfParticipant } from '../identifiers/forgotten.ts';
import { readHeader, unpackRecords } from '../record-lot.ts';
import { bucketOf, subjectOf, visitOf } from '../subject.ts';
import { findDelivered } from './find-delivered.ts';
import { keptSegments } from './kept-segments.ts';
import { keysOfRuns } from './run-keys.ts';
import { subjectsMeant } from './subject-name.ts';

/** @throws SealDamaged, SealKeyDiffers */
export async function findSubject(
  context: ErasureContext,
  name: string,
): Promise<NamedSubjects | null> {
  const meant = await subjectsMeant(context, name);
  if (meant === null) return null;
  const { db, key, project } = context;
  const subjects = new Set(meant.subjects);
  const delivered = await findDelivered(context, (values, { centre, participant }) =>
    subjects.has(subjectOf(values[centre], values[participant])),
  );
  let isKept = false;
  for (const subject of subjects) {
    isKept ||= (await idOfParticipant(db, key, project, subject)) !== null;
  }
  return {
    ...{ subjects: meant.subjects, otherNames: meant.others, isKept },
    items: [...(await itemsOfVisits(context, subjects)), ...delivered.items],
    pendingIn: await runsWith(context, subjects),
  };
}

/** Of what went through, the engine has no rows: histories say which items that was. */
export async function itemsOfVisits(
  { db, key, project }: ErasureContext,
  subjects: ReadonlySet<string>,
): Promise<ItemLife[]> {
  const ids = new Set<string>();
  const buckets = [...subjects].map(bucketOf);
  for await (const { payload } of keptSegments(db, project, buckets)) {
    for (const { id } of unpackVisits(key, payload, subjects)) ids.add(id);
  }
  return [...ids].map(itemOfId);
}

/** Run and item that brought a version of a visit, `<run>/<item>`. */
export function itemOfId(id: string): ItemLife {
  const [run = '', no = ''] = id.split('/');
  return { run, no: Number(no) };
}

/** Runs that have records of these subjects between two stages. */
async function runsWith(
  { db, key, project }: ErasureContext,
  subjects: ReadonlySet<string>,
): Promise<string[]> {
  const { rows: parcels } = await sql<{ id: string; run: string; short: string }>`
    select p.id::text as id, r.id as run, r.short from lazaret.parcel p
    join lazaret.run r on r.id = p.run
    where r.project = ${project} and r.pipeline = 'forms' and p.stage > 0 and p.lot
      and p.payload is not null`.execute(db);
  if (parcels.length === 0) return [];
  const buckets = new Set([...subjects].map(bucketOf));
  const keys = await keysOfRuns(db, project);
  const found = new Set<string>();
  for (const { id, run, short } of parcels) {
    const keysOfRun = keys.get(run);
    if (found.has(short) || keysOfRun === undefined) continue;
    const { rows } = await sql<{ refs: string; payload: Uint8Array }>`
      select refs::text as refs, payload from lazaret.parcel where id = ${id}::bigint`.execute(db);
    for (const row of rows) {
      const lot = unpackLot(key, row);
      if (!readHeader(lot.content).buckets.some((bucket) => buckets.has(bucket))) continue;
      if (unpackRecords(lot).some((record) => subjects.has(visitOf(record, keysOfRun).subject))) {
        found.add(short);
      }
    }
  }
  return [...found];
}
