/** What the batches of a run counted, put together. */
import { sql } from 'kysely';
import type { ProjectKey } from '../../../identity/keys.ts';
import type { Db } from '../../../store/open.ts';
import type { Check } from '../study.ts';
import type { FiledRun } from './filed-run.ts';
import { unpackFound, type Kind } from './found-kinds.ts';
import type { RecordAbout } from './record-about.ts';

/** Counts by kind, over all lives of the items of a run. */
type KindCounts = readonly { readonly kind: Kind; readonly count: number }[];

export interface FoundCounts {
  readonly kinds: KindCounts;
  /** Whether a check has found anything about a file: most files need not be looked through. */
  hasFound(file: number, check: Check): boolean;
  /** By run and number, `<run>/<no>`. */
  readonly abouts: ReadonlyMap<string, RecordAbout>;
}

/** @throws SealDamaged, SealKeyDiffers */
export async function readFound(db: Db, key: ProjectKey, run: FiledRun): Promise<FoundCounts> {
  const counts = new Map<string, { readonly kind: Kind; count: number }>();
  const abouts = new Map<string, RecordAbout>();
  const { rows } = await sql<{ run: string; payload: Uint8Array }>`
    select run, payload from lazaret_forms.published_found
    where run = any(${[...run.lives]}::uuid[]) order by id`.execute(db);
  for (const row of rows) {
    const found = unpackFound(key, row.payload);
    for (const { kind, count } of found.kinds) {
      const slot = JSON.stringify(kind);
      const known = counts.get(slot);
      if (known === undefined) counts.set(slot, { kind, count });
      else known.count += count;
    }
    for (const [item, about] of found.abouts) abouts.set(`${row.run}/${item}`, about);
  }
  const kinds = [...counts.values()];
  const places = new Set(
    kinds
      .filter(({ kind }) => kind.type !== 'warning')
      .map(({ kind }) => `${kind.file} ${kind.check}`),
  );
  return { kinds, hasFound: (file, check) => places.has(`${file} ${check}`), abouts };
}
