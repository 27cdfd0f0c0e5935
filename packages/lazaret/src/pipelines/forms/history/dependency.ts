/** Which visits were judged beside which: what has to be looked at again when one of them changes. */
import { sql } from 'kysely';
import type { ProjectKey } from '../../../identity/keys.ts';
import type { Db } from '../../../store/open.ts';
import { bucketOf } from '../subject.ts';
import { unpackVisits, type KeptVisit, type VisitRead, type VisitStanding } from './kept-visit.ts';
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
    readonly which: VisitRead['visit'];
    readonly module: string;
    /** Only visits in which these fields are filled counted. */
    readonly filled: readonly string[];
    /** Run and item of the version that was found; null where there was none. */
    readonly item: string | null;
    /** The same of the version that it would find now. */
    readonly now: string | null;
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
      const now = history.find(read, version)?.id ?? null;
      return { which, module: other, filled, item, now };
    }),
    isStale: history.isStale(reads, version),
  };
}

/** A visit among the others of its subject: what it was judged beside, and what beside it. */
export interface VisitNeighbours {
  readonly standing: VisitStanding;
  /** Each visit once, however many fields were wanted of it. */
  readonly lookedAt: readonly {
    readonly which: VisitRead['visit'];
    readonly module: string;
    /** Run and item of the version that counts now; null where there is none. */
    readonly item: string | null;
  }[];
  /** The visits that are checked again when this one changes. */
  readonly lookedAtBy: readonly Pick<VisitDependencies, 'module' | 'item' | 'standing'>[];
}

/**
 * @param item run and item that brought the visit: `<run>/<item>`
 * @returns null where no version that it brought counts: it was rejected, or another one has come
 * @throws SealDamaged, SealKeyDiffers
 */
export async function neighboursOf(
  db: Db,
  key: ProjectKey,
  { project, subject, item }: { readonly [Name in 'project' | 'subject' | 'item']: string },
): Promise<VisitNeighbours | null> {
  const visits = await dependenciesOf(db, key, project, subject);
  const own = visits.find((one) => one.item === item);
  if (own === undefined) return null;
  const lookedAt = own.lookedAt.map(({ which, module, now }) => ({ which, module, item: now }));
  const once = new Map(lookedAt.map((read) => [JSON.stringify(read), read]));
  return {
    standing: own.standing,
    lookedAt: [...once.values()],
    lookedAtBy: visits
      .filter((one) => one.lookedAt.some(({ now }) => now === item))
      .map(({ module, item: by, standing }) => ({ module, item: by, standing })),
  };
}
