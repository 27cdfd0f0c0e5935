/**
 * Whom a person means. A data manager names a participant as the study does, by centre and PTID
 * (`17/110001`), or by the id that the study has given the subject (`NACC000123`). Histories are
 * kept under centre and PTID, and one subject may have been at several centres: the id stands for
 * all of them, centre and PTID for that participant alone.
 */
import type { ErasureContext } from '../../../engine/pipeline.ts';
import { unpackVisits } from '../history/kept-visit.ts';
import { idOfParticipant, participantsWith } from '../identifiers/forgotten.ts';
import type { FormValue, FormValues } from '../record.ts';
import type { SubjectKeys } from '../study.ts';
import { bucketOf, subjectOf } from '../subject.ts';
import { findDelivered } from './find-delivered.ts';
import { keptSegments } from './kept-segments.ts';
import { subjectColumns } from './run-keys.ts';

/** Whom a name stands for. */
export interface MeantSubjects {
  /** As `subjectOf` writes them. */
  readonly subjects: readonly string[];
  /** Participants with the id of one of these who are not meant. */
  readonly others: number;
}

/** @returns null where nobody has the id @throws SealDamaged, SealKeyDiffers */
export async function subjectsMeant(
  context: ErasureContext,
  name: string,
): Promise<MeantSubjects | null> {
  const typed = typedSubject(name);
  if (typed === null) {
    const subjects = await subjectsWith(context, name.trim());
    return subjects.length === 0 ? null : { subjects, others: 0 };
  }
  const { db, key, project } = context;
  const ids = new Set(await keptIds(context, typed));
  const id = await idOfParticipant(db, key, project, typed);
  if (id !== null) ids.add(id);
  const alike = await participantsWith(db, key, project, ids);
  return { subjects: [typed], others: alike.filter((other) => other !== typed).length };
}

/** `17/110001`, or as alerts show it, `17|110001`; `/110001` where records have no centre. */
export function typedSubject(name: string): string | null {
  const [, centre, participant] = /^([^/|]*)[/|](.*)$/s.exec(name) ?? [];
  return participant === undefined ? null : subjectOf(centre, participant);
}

async function subjectsWith(context: ErasureContext, id: string): Promise<string[]> {
  const { db, key, project } = context;
  const subjects = new Set(await participantsWith(db, key, project, new Set([id])));
  const columns = await subjectColumns(db, project);
  for await (const { payload } of keptSegments(db, project, null)) {
    for (const { subject, values } of unpackVisits(key, payload)) {
      if (columns.some((column) => isId(values[column], id))) subjects.add(subject);
    }
  }
  const isTheirs = (values: FormValues, { subject }: SubjectKeys): boolean =>
    isId(values[subject], id);
  for (const subject of (await findDelivered(context, isTheirs)).subjects) subjects.add(subject);
  return [...subjects];
}

/** The ids that visits of a subject were delivered with. */
async function keptIds(
  { db, key, project }: ErasureContext,
  subject: string,
): Promise<readonly string[]> {
  const columns = await subjectColumns(db, project);
  const ids = new Set<string>();
  for await (const { payload } of keptSegments(db, project, [bucketOf(subject)])) {
    for (const { values } of unpackVisits(key, payload, new Set([subject]))) {
      for (const column of columns) {
        const value = values[column];
        if (typeof value === 'string') ids.add(value);
      }
    }
  }
  return [...ids];
}

function isId(value: FormValue | undefined, id: string): boolean {
  return typeof value === 'string' && value.trim() === id;
}
