/**
 * A delivery that others are in, without those who are to be forgotten.
 *
 * Which rows go follows from the store alone: the n-th row of a file is the n-th of the delivery's
 * items, less those that it does not have any more. The order of what is done:
 *
 *     read → the new digest is written down → the file is replaced, at once → the delivery has the
 *     new digest, and the items that its file does not have any more
 *
 * Whoever comes after a crash finds a file with the old digest and begins anew, or one with the new
 * digest and ends what was begun. A file that has neither was changed by somebody else.
 */
import { hash } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '../../../store/open.ts';
import { fromMultirange, toMultirange } from '../../../store/item-set.ts';
import { readDelivered } from '../../../sinks/reading.ts';
import { removeDelivered } from '../../../sinks/removal.ts';
import { replace } from '../../../sinks/folder.ts';
import { erasureCodes } from './codes.ts';
import { linesOf, shorten, shortenRecall } from './shortened-file.ts';

export interface DeliveryRewriting {
  readonly id: string;
  readonly key: string;
  readonly digest: string | null;
  readonly project: string;
  readonly out: string;
}

/** A delivery of the file. The same records that were delivered by two runs are one file. */
interface DeliveredItems {
  readonly run: string;
  readonly digest: string;
  /** The items of its rows, and which of them are erased, and which the file does not have. */
  readonly items: readonly number[];
  readonly erased: ReadonlySet<number>;
  readonly withdrawn: ReadonlySet<number>;
}

/** @returns whether the file was there @throws DeliveryAltered, the faults of the sink */
export async function rewriteDelivery(db: Db, rewriting: DeliveryRewriting): Promise<boolean> {
  const { key, out: folder } = rewriting;
  const deliveries = await deliveriesOf(db, rewriting);
  // Nobody counts it: an attempt has left it that ended in error.
  if (deliveries.length === 0) return removeDelivered({ folder, key });
  const bytes = await readDelivered({ folder, key });
  if (bytes === null) {
    await conclude(db, rewriting, deliveries, null);
    return false;
  }
  const found = hash('sha256', bytes, 'hex');
  if (found === rewriting.digest) {
    await conclude(db, rewriting, deliveries, { digest: found, bytes: bytes.length });
    return true;
  }
  if (!deliveries.some(({ digest }) => digest === found)) {
    throw erasureCodes.fault('DeliveryAltered', { key });
  }
  const left = await without(db, key, bytes.toString('utf8'), deliveries);
  if (left === null) {
    await removeDelivered({ folder, key });
    await conclude(db, rewriting, deliveries, null);
    return true;
  }
  const content = Buffer.from(left);
  const digest = hash('sha256', content, 'hex');
  await sql`update lazaret_forms.rewriting set digest = ${digest}
    where id = ${rewriting.id}`.execute(db);
  if (digest !== found) {
    const write = { write: (stream: Stream) => stream.write(content), digest };
    await replace({ folder, key, attempt: rewriting.id, ...write });
  }
  await conclude(db, rewriting, deliveries, { digest, bytes: content.length });
  return true;
}

type Stream = Parameters<Parameters<typeof replace>[0]['write']>[0];

async function deliveriesOf(
  db: Db,
  { project, out, key }: DeliveryRewriting,
): Promise<DeliveredItems[]> {
  const { rows } = await sql<{
    run: string;
    digest: string;
    refs: string;
    erased: string | null;
    withdrawn: string | null;
  }>`
    select d.run, d.digest, d.refs::text as refs,
      (select (range_agg(int8range(e.no, e.no + 1)) * d.refs)::text from lazaret.erased e
        where e.run = d.run) as erased,
      (select w.refs::text from lazaret_forms.withdrawn w
        where w.run = d.run and w.key = d.key) as withdrawn
    from lazaret.published_delivery d join lazaret.run r on r.id = d.run
    where r.project = ${project} and r.pipeline = 'forms' and r.configuration->>'out' = ${out}
      and d.key = ${key}`.execute(db);
  return rows.map(({ run, digest, refs, erased, withdrawn }) => ({
    ...{ run, digest },
    items: fromMultirange(refs),
    erased: new Set(fromMultirange(erased ?? '')),
    withdrawn: new Set(fromMultirange(withdrawn ?? '')),
  }));
}

/** The text without the erased; null where nothing is left. */
async function without(
  db: Db,
  key: string,
  text: string,
  deliveries: readonly DeliveredItems[],
): Promise<string | null> {
  if (key.endsWith('.recall.json')) {
    const gone = await erasedIn(db, text);
    return shortenRecall(text, (item) => gone.has(item));
  }
  const [first] = deliveries;
  const rows = (first?.items ?? []).flatMap((item, at) =>
    first?.withdrawn.has(item) === true ? [] : [at],
  );
  const lines = linesOf(key, text);
  // Positions say whose a record is: with another number of them, nobody knows.
  if (lines.records.length !== rows.length) throw erasureCodes.fault('DeliveryAltered', { key });
  // A row that two runs have delivered stays as long as one of the two stands for it.
  return shorten(lines, (position) => isGone(deliveries, rows[position] ?? -1));
}

function isGone(deliveries: readonly DeliveredItems[], at: number): boolean {
  return deliveries.every(({ items, erased }) => erased.has(items[at] ?? -1));
}

const ITEM_NAME = /"item": "([0-9a-f-]{36}\/\d+)"/g;

/** Which of the items that notices are about are erased. */
async function erasedIn(db: Db, text: string): Promise<ReadonlySet<string>> {
  const named = [...text.matchAll(ITEM_NAME)].map(([, item]) => item ?? '');
  const { rows } = await sql<{ item: string }>`
    select n.item from unnest(${named}::text[]) as n(item)
    join lazaret.erased e on e.run = split_part(n.item, '/', 1)::uuid
      and e.no = split_part(n.item, '/', 2)::bigint`.execute(db);
  return new Set(rows.map(({ item }) => item));
}

/** @param now null: there is no file any more; the delivery keeps what it was. */
async function conclude(
  db: Db,
  { key }: DeliveryRewriting,
  deliveries: readonly DeliveredItems[],
  now: { readonly digest: string; readonly bytes: number } | null,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    for (const { run, items } of deliveries) {
      const refs = toMultirange(items.filter((_, at) => isGone(deliveries, at)));
      if (items.length > 0)
        await sql`insert into lazaret_forms.withdrawn (run, key, refs)
        values (${run}, ${key}, ${refs}::int8multirange)
        on conflict (run, key) do update set refs = excluded.refs`.execute(trx);
      if (now === null) continue;
      await sql`update lazaret.delivery set digest = ${now.digest}, bytes = ${now.bytes}
        where run = ${run} and key = ${key}`.execute(trx);
    }
  });
}
