/**
 * The visits of a subject of which there are alerts. Who an alert is about is sealed, so that the
 * store cannot be asked for it: what is looked for is opened and compared, and what comes of it are
 * the keyed hashes that the store names visits by.
 */
import { sql } from 'kysely';
import type { ProjectKey } from '../../../identity/keys.ts';
import type { Db } from '../../../store/open.ts';
import { bucketOf, subjectOf } from '../subject.ts';
import { openDetail } from './alert-detail.ts';

const PAGE_VISITS = 2_000;

/** Whom a person means: `17/PAT-1`, or `PAT-1` for that participant of every centre. */
export interface NamedSubject {
  /** Null: of every centre. */
  readonly centre: string | null;
  readonly participant: string;
}

export function readSubject(name: string): NamedSubject {
  const [, centre = null, participant = name] = /^\s*(\d+)\s*\/(.+)$/s.exec(name) ?? [];
  return { centre, participant };
}

/**
 * @param name a subject as a person types it; without blanks around it and leading zeros, as they
 * are compared everywhere
 * @throws SealDamaged, SealKeyDiffers
 */
export async function visitsOfSubject(
  db: Db,
  key: ProjectKey,
  project: string,
  name: string,
): Promise<string[]> {
  const { centre, participant } = readSubject(name);
  const subject = subjectOf(centre ?? '', participant);
  const isMeant = (one: string): boolean =>
    centre === null ? one.slice(one.indexOf('|')) === subject : one === subject;
  const bucket = centre === null ? null : bucketOf(subject);
  const visits: string[] = [];
  for (let after = ''; ;) {
    // Every alert of a visit says whose it is.
    const { rows } = await sql<{ visit: string; detail: Uint8Array }>`
      select distinct on (visit) visit, detail from lazaret_forms.published_evaluation
      where project = ${project} and visit > ${after} and detail is not null
        and (${bucket}::smallint is null or bucket = ${bucket}::smallint)
      order by visit limit ${PAGE_VISITS}`.execute(db);
    for (const { visit, detail } of rows) {
      if (isMeant(openDetail(key, Uint8Array.from(detail)).subject)) visits.push(visit);
    }
    if (rows.length < PAGE_VISITS) return visits;
    after = rows.at(-1)?.visit ?? '';
  }
}
