/** Which visits were judged beside which: what has to be looked at again when one of them changes. */
import { sql } from 'kysely';
import type { ProjectKey } from '../../../identity/keys.ts';
import type { Db } from '../../../store/open.ts';
import { bucketOf } from '../subject.ts';
import { unpackVisits, type KeptVisit, type VisitStanding } from './kept-visit.ts';
import { SubjectHistory } from './subject-history.ts';

/** A version of a visit as it counts now, and what it was judged beside. */
export interface VisitDependencies {
  readonly module: string;
  readonly visit: string;
  readonly date: string;
  /** Run and item that brought it. */
  readonly item: string;
  readonly standing: VisitStanding;
  readonly lookedAt: readonly {
    readonly which: 'previous' | 'initial' | 'same';
    readonly module: string;
    /** Only visits in which these fields are filled counted. */
    readonly filled: readonly string[];
    /** Run and item of the version that was found; null where there was none. */
    readonly item: string | null;
  }[];
  /** Whether it would see other values today: its module was no part of the runs since. */
  readonly isStale: boolean;
}

/**
 * The visits of a subject in their order, module by module.
 *
 * @param subject centre and participant as `subjectOf` writes them.
 * @throws SealDamaged, SealKeyDiffers
 */
export async function dependenciesOf(
  db: Db,
  key: ProjectKey,
  project: string,
  subject: string,
): Promise<readonly VisitDependencies[]> {
  const { rows } = await sql<{ payload: Uint8Array }>`
    select payload from lazaret_forms.published_segment
    where project = ${project} and bucket = ${bucketOf(subject)}::smallint order by id`.execute(db);
  const history = new SubjectHistory();
  const wanted = new Set([subject]);
  for (const { payload } of rows) {
    for (const version of unpackVisits(key, Uint8Array.from(payload), wanted)) history.put(version);
  }
  return [...history.modules].flatMap((module) =>
    history.of(module).visits.map((version) => describe(version, history)),
  );
}

function describe(version: KeptVisit, history: SubjectHistory): VisitDependencies {
  const { module, visit, date, id, standing, reads } = version;
  return {
    ...{ module, visit, date, item: id, standing },
    lookedAt: reads.map((read) => {
      const { visit: which, module: other, filled, id: item } = read;
      return { which, module: other, filled, item };
    }),
    isStale: history.isStale(reads, version),
  };
}
