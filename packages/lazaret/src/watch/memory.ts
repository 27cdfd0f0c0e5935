/** What was taken, kept in the store: a restart takes nothing twice and misses nothing. */
import type { ProjectKey } from '../identity/keys.ts';
import type { Db } from '../store/open.ts';
import type { Trx } from '../store/runs.ts';
import type { RunStatus } from '../store/tables.ts';

export interface Taken {
  readonly listing: string;
  readonly run: string;
  readonly status: RunStatus;
}

export interface ArrivalMemory {
  /** The names that the methods below take: nothing of a folder's own name is in them. */
  hashOf(name: string): string;
  /** A listing as it is kept; names are in it, so it is hashed with the key. */
  listingOf(digest: string): string;
  /** Everything that was taken below the watched folder, by the hash of its name. */
  load(): Promise<ReadonlyMap<string, Taken>>;
  /** False when another watcher has taken the same arrival, as it looks now. */
  /** Forgets one, by the hash of its name: it is taken anew. */
  forget(arrival: string): Promise<void>;
  take(
    trx: Trx,
    arrival: { readonly name: string; readonly digest: string },
    run: string,
  ): Promise<boolean>;
}

export interface MemoryOptions {
  readonly db: Db;
  readonly key: ProjectKey;
  readonly project: string;
  readonly pipeline: string;
  /** The watched folder, absolute. */
  readonly folder: string;
  readonly now: () => Date;
}

const NAME_CONTEXT = 'arrival';

export function arrivalMemory({
  db,
  key,
  project,
  pipeline,
  folder,
  now,
}: MemoryOptions): ArrivalMemory {
  const hash = (domain: string, value: string): string =>
    Buffer.from(key.keyedBytes(domain, value)).toString('base64url');
  const watched = hash('watched', folder);
  const hashOf = (name: string): string => hash('arrival', name);
  const listingOf = (digest: string): string => hash('listing', digest);
  return {
    hashOf,
    listingOf,
    async load() {
      const rows = await db
        .selectFrom('lazaret.arrival as a')
        .innerJoin('lazaret.run as r', 'r.id', 'a.run')
        .select(['a.arrival', 'a.listing', 'a.run', 'r.status'])
        .where('a.project', '=', project)
        .where('a.pipeline', '=', pipeline)
        .where('a.watched', '=', watched)
        .execute();
      return new Map(rows.map(({ arrival, ...taken }) => [arrival, taken]));
    },
    async forget(arrival) {
      await db
        .deleteFrom('lazaret.arrival')
        .where('project', '=', project)
        .where('pipeline', '=', pipeline)
        .where('watched', '=', watched)
        .where('arrival', '=', arrival)
        .execute();
    },
    async take(trx, { name, digest }, run) {
      const taken = await trx
        .insertInto('lazaret.arrival')
        .values({
          project,
          pipeline,
          watched,
          arrival: hashOf(name),
          name: key.sealJson(name, NAME_CONTEXT),
          listing: listingOf(digest),
          run,
          taken_at: now(),
        })
        .onConflict((conflict) =>
          conflict
            .columns(['project', 'pipeline', 'watched', 'arrival'])
            .doUpdateSet((eb) => ({
              listing: eb.ref('excluded.listing'),
              run: eb.ref('excluded.run'),
              taken_at: eb.ref('excluded.taken_at'),
            }))
            .whereRef('lazaret.arrival.listing', '!=', 'excluded.listing'),
        )
        .returning('arrival')
        .execute();
      return taken.length > 0;
    },
  };
}
