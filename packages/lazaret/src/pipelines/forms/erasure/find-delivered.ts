/**
 * Items of subjects whose visits no history keeps, because their study leaves the rules out: only
 * the delivered files say whose they are.
 */
import { sql } from 'kysely';
import type { ErasureContext, ItemLife } from '../../../engine/pipeline.ts';
import { fromMultirange } from '../../../store/item-set.ts';
import { readDelivered } from '../../../sinks/reading.ts';
import type { FormValues } from '../record.ts';
import { CHECKS, type SubjectKeys } from '../study.ts';
import { subjectOf } from '../subject.ts';
import { keysOfRuns } from './run-keys.ts';
import { linesOf, valuesOf } from './shortened-file.ts';

const [, , JUDGE] = CHECKS;

/** What a delivered record says of its subject. */
export type IsMeant = (values: FormValues, keys: SubjectKeys) => boolean;

/** @throws SinkFolderMissing: where a folder is not mounted, nobody can say who is in it */
export async function findDelivered(
  { db, project }: ErasureContext,
  isMeant: IsMeant,
): Promise<{ readonly items: readonly ItemLife[]; readonly subjects: ReadonlySet<string> }> {
  const { rows } = await sql<{
    run: string;
    key: string;
    out: string;
    refs: string;
    withdrawn: string | null;
  }>`
    select d.run, d.key, r.configuration->>'out' as out, d.refs::text as refs,
      w.refs::text as withdrawn
    from lazaret.published_delivery d
    join lazaret.run r on r.id = d.run
    left join lazaret_forms.withdrawn w on w.run = d.run and w.key = d.key
    where r.project = ${project} and r.pipeline = 'forms' and not isempty(d.refs)
      and not (r.configuration->'study'->'checks')::jsonb ? ${JUDGE}
    order by d.run, d.key`.execute(db);
  const items: ItemLife[] = [];
  const subjects = new Set<string>();
  const keys = rows.length === 0 ? new Map<string, SubjectKeys>() : await keysOfRuns(db, project);
  for (const { run, key, out: folder, refs, withdrawn } of rows) {
    const bytes = await readDelivered({ folder, key });
    const keysOfRun = keys.get(run);
    if (bytes === null || keysOfRun === undefined) continue;
    const gone = new Set(fromMultirange(withdrawn ?? ''));
    const numbers = fromMultirange(refs).filter((no) => !gone.has(no));
    let position = 0;
    for (const values of valuesOf(linesOf(key, bytes.toString('utf8')))) {
      const no = numbers[position];
      position += 1;
      if (no === undefined || !isMeant(values, keysOfRun)) continue;
      items.push({ run, no });
      subjects.add(subjectOf(values[keysOfRun.centre], values[keysOfRun.participant]));
    }
  }
  return { items, subjects };
}
