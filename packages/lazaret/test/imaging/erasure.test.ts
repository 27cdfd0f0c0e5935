/** A patient withdraws; old copies go; and the ledger still adds up. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { el } from '../../../../fixtures/dicom/build.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { EraseInput, EraseDocument, RetainDocument } from '../../src/cli/retention.ts';
import type { HeldDocument } from '../../src/cli/held.ts';
import { catalogue } from '../../src/main.ts';
import { selectHeld } from '../../src/engine/selection.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { buildSample } from '../../src/pipelines/imaging/dicom/deidentify-sample.ts';
import { holds, proveLedger } from '../../src/store/ledger.ts';
import { fromMultirange } from '../../src/store/item-set.ts';
import { testDatabases } from '../databases.ts';
import { sha256 } from './archive-reader.ts';
import {
  documentAs,
  dumpTables,
  filesBelow,
  openWorkbench,
  quietSession,
  type Workbench,
} from './workbench.ts';

const uid = (number: number): string => `1.2.826.0.1.3680043.8.498.${number}`;
const ANNA = 'MRN-ANNA-0815';
const BERT = 'MRN-BERT-4711';
const DAY_MS = 86_400_000;

testDatabases(import.meta.url, (database) => {
  let bench: Workbench;
  let first: RunSummary;

  /** Two images delivered and one held of Anna, one of each of Bert. */
  beforeAll(async () => {
    bench = await openWorkbench({
      folder: mkdtempSync(join(tmpdir(), 'lazaret-erasure-')),
      ...(database.url === null ? {} : { databaseUrl: database.url }),
    });
    mkdirSync(bench.source, { recursive: true });
    writeImage('a1.dcm', 1, ANNA);
    writeImage('a2.dcm', 2, ANNA);
    writeImage('a-us.dcm', 3, ANNA, 'US');
    writeImage('b1.dcm', 4, BERT);
    writeImage('b-us.dcm', 5, BERT, 'US');
    first = await bench.run();
    expect(first.items).toMatchObject({ received: 5, delivered: 3, held: 2 });
  }, 120_000);
  afterAll(async () => {
    await bench.close();
    rmSync(bench.folder, { recursive: true, force: true });
  });

  function writeImage(name: string, number: number, patient: string, modality = 'CT'): void {
    const changes = [
      el('00080018', 'UI', uid(number)),
      el('00100020', 'LO', patient),
      el('0020000D', 'UI', uid(patient === ANNA ? 100 : 200)),
      el('00080060', 'CS', modality),
    ];
    writeFileSync(join(bench.source, name), buildSample(changes));
  }

  async function erase(
    selection: EraseInput['selection'],
    given: Partial<EraseInput> = {},
  ): Promise<EraseDocument> {
    const input: EraseInput = {
      project: 'default',
      selection,
      reason: 'consent withdrawn',
      user: 'anna',
      dryRun: false,
      typed: '',
      ...given,
    };
    return documentAs(await COMMANDS.erase(bench.application, input, quietSession()));
  }

  async function retain(olderThanMs: number, dryRun = false): Promise<RetainDocument> {
    const input = { project: 'default', olderThanMs, user: 'anna', dryRun };
    return documentAs(await COMMANDS['retention apply'](bench.application, input, quietSession()));
  }

  const held = () => selectHeld(bench.application.store.db, catalogue, { project: 'default' }, 100);

  /** The archive of the patient who has so many images in it, and their pseudonym. */
  async function archiveOf(images: number): Promise<{ key: string; pseudonym: string }> {
    const { rows } = await sql<{ key: string; refs: string }>`
      select key, refs::text from lazaret.published_delivery`.execute(bench.application.store.db);
    const found = rows.find(({ refs }) => fromMultirange(refs).length === images);
    const key = found?.key ?? '';
    return { key, pseudonym: key.split('/')[2] ?? '' };
  }

  const copies = (): string[] => [...filesBelow(join(bench.data, 'copies')).keys()];

  async function proveAll(): Promise<void> {
    const runs = await bench.application.store.db.selectFrom('lazaret.run').select('id').execute();
    for (const { id } of runs) {
      expect(holds(await proveLedger(bench.application.store.db, id))).toBe(true);
    }
  }

  it('says in a dry run what would go, and changes nothing', async () => {
    const { pseudonym } = await archiveOf(2);
    const before = await dumpTables(bench.application);
    const files = [...filesBelow(bench.out).keys(), ...copies()];
    const said = await erase({ subject: pseudonym }, { dryRun: true, reason: null });
    expect(said).toMatchObject({
      decision: null,
      items: 3,
      copies: 1,
      deliveries: { count: 1 },
      files: null,
    });
    const retained = await retain(0, true);
    expect(retained).toMatchObject({ decision: null, copies: { count: 2, ofHeld: 2 } });
    const after = await dumpTables(bench.application);
    for (const [name, bytes] of after) {
      if (name.startsWith('lazaret'))
        expect(bytes.equals(before.get(name) ?? Buffer.of()), name).toBe(true);
    }
    expect([...filesBelow(bench.out).keys(), ...copies()]).toEqual(files);
  });

  it('is refused without a reason, for nobody, and for a part of a delivery', async () => {
    const { pseudonym } = await archiveOf(2);
    await expect(erase({ subject: pseudonym }, { reason: ' ' })).rejects.toMatchObject({
      code: 'ReasonMissing',
    });
    await expect(erase({ subject: 'P000000000000' })).rejects.toMatchObject({
      code: 'NothingToErase',
    });
    await expect(
      erase({ subject: pseudonym }, { project: 'never-heard-of' }),
    ).rejects.toMatchObject({ code: 'NothingToErase' });
    const { rows } = await sql<{ no: number }>`
      select lower(range_merge(refs)) as no from lazaret.published_delivery
      where key like ${`%${pseudonym}%`}`.execute(bench.application.store.db);
    await expect(erase({ items: [`${first.run}/${rows[0]?.no}`] })).rejects.toMatchObject({
      code: 'EraseSharesDelivery',
      parameters: { items: 1, others: 1 },
    });
  });

  it('is refused while an item is on its way', async () => {
    const [one] = await held();
    const { engine } = bench.application;
    const { children } = await engine.decide(
      {
        kind: 'replay',
        selection: { project: 'default', items: [one?.item ?? ''] },
        by: 'bernd',
        reason: null,
      },
      new Map(),
    );
    await expect(erase({ items: [one?.item ?? ''] })).rejects.toMatchObject({
      code: 'EraseNotNow',
      parameters: { runs: [children[0]?.short] },
    });
    for (const child of children) {
      await engine.work(child, {
        progress: quietSession().progressOf({ pipeline: '', run: '', stages: [] }),
        controller: new AbortController(),
        maxPauseMs: 1_000,
      });
    }
  });

  it('is refused while something is delivered that it would come too late for', async () => {
    const { pseudonym } = await archiveOf(2);
    const { db } = bench.application.store;
    const run = await bench.application.engine.find(first.run);
    // A run of somebody else's, in the middle of its release stage.
    await sql`insert into lazaret.batch (id, run, stage, ordinal, status, items, queued_at)
      select gen_random_uuid(), id, 1, 99, 'processing', 0, now() from lazaret.run
      where id = ${run.id}`.execute(db);
    await sql`update lazaret.run set status = 'running', finished_at = null
      where id = ${run.id}`.execute(db);
    await expect(erase({ subject: pseudonym })).rejects.toMatchObject({
      code: 'EraseNotNow',
      parameters: { runs: [first.run] },
    });
    await sql`update lazaret.run set status = 'complete', finished_at = ${run.finished_at}
      where id = ${run.id}`.execute(db);
    await sql`delete from lazaret.batch where ordinal = 99`.execute(db);
    expect(existsSync(join(bench.out, (await archiveOf(2)).key))).toBe(true);
  });

  it('removes all of a patient, keeps the counts, and touches nobody else', async () => {
    const { key, pseudonym } = await archiveOf(2);
    const other = await archiveOf(1);
    const digests = ['a1.dcm', 'a2.dcm', 'a-us.dcm'].map((name) =>
      sha256(readFileSync(join(bench.source, name))),
    );
    const before = await tablesWith(digests);
    expect(before).toContain('lazaret.receipt');
    expect(before).toContain('lazaret.copy');
    const both = [erase({ subject: pseudonym }), erase({ subject: pseudonym })];
    const [one, two] = await Promise.allSettled(both);
    const refused = [one, two].filter((each) => each?.status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'NothingToErase' } }]);
    const erased = await (one?.status === 'fulfilled' ? both[0] : both[1]);
    expect(erased).toMatchObject({
      items: 3,
      copies: 1,
      deliveries: { count: 1 },
      isKnown: true,
      files: { left: 0, because: null },
    });
    expect(await tablesWith(digests)).toEqual([]);
    expect(erased?.identities).toBeGreaterThan(0);
    expect(existsSync(join(bench.out, key))).toBe(false);
    expect(existsSync(join(bench.out, other.key))).toBe(true);
    expect(copies()).toHaveLength(1);
    expect(await held()).toHaveLength(1);
    await proveAll();
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from lazaret_identity.map
      where pseudonym = ${pseudonym}`.execute(bench.application.store.db);
    expect(rows[0]?.n).toBe(0);
    const left = await bench.application.store.db
      .selectFrom('lazaret.item as i')
      .innerJoin('lazaret.erased as e', (join_) =>
        join_.onRef('e.run', '=', 'i.run').onRef('e.no', '=', 'i.no'),
      )
      .select(['i.arrival', 'i.digest', 'i.subject', 'i.code'])
      .execute();
    expect(left.length).toBeGreaterThan(0);
    for (const row of left) {
      expect(row).toMatchObject({ arrival: null, digest: null, subject: null });
      expect(row.code).not.toBe('');
    }
    const shown = documentAs<HeldDocument>(
      await COMMANDS['held show'](
        bench.application,
        {
          item: `${first.run}/${await erasedHeldNo()}`,
          reveal: true,
          user: 'anna',
          project: 'default',
        },
        quietSession(),
      ),
    );
    expect(shown).toMatchObject({ stillHeld: false, source: null, digest: null });
    expect(shown.decisions.map(({ kind, reason }) => [kind, reason])).toContainEqual([
      'erase',
      'consent withdrawn',
    ]);
    await expect(erase({ subject: pseudonym })).rejects.toMatchObject({ code: 'NothingToErase' });
  });

  /** Tables in which one of these texts is found. */
  async function tablesWith(texts: readonly string[]): Promise<string[]> {
    const tables = await dumpTables(bench.application);
    return [...tables]
      .filter(([, bytes]) => texts.some((text) => bytes.includes(text)))
      .map(([name]) => name);
  }

  /** Of the two that are held, the one that is erased by now. */
  async function erasedHeldNo(): Promise<number> {
    const row = await bench.application.store.db
      .selectFrom('lazaret.item as i')
      .innerJoin('lazaret.erased as e', (join_) =>
        join_.onRef('e.run', '=', 'i.run').onRef('e.no', '=', 'i.no'),
      )
      .innerJoin('lazaret.run as r', 'r.id', 'i.run')
      .select('i.no')
      .where('r.short', '=', first.run)
      .where('i.disposition', '=', 'held')
      .executeTakeFirstOrThrow();
    return row.no;
  }

  it('holds the same data when it comes again, new images of the patient too', async () => {
    writeImage('a-new.dcm', 6, ANNA);
    const again = await bench.run();
    expect(again.findings.find(({ name }) => name === 'ErasedBefore')?.count).toBe(4);
    expect(again.items).toMatchObject({ received: 6, delivered: 0, held: 4, duplicate: 2 });
    const waiting = (await held()).filter(({ name }) => name === 'ErasedBefore');
    expect(waiting).toHaveLength(4);
    expect(waiting[0]?.release).toBe('second');
    const rehearsal = await COMMANDS['held decide'](
      bench.application,
      {
        kind: 'replay',
        selection: { project: 'default', code: 'ErasedBefore' },
        reason: null,
        user: 'anna',
        dryRun: true,
        strict: false,
        maxPauseSeconds: 1,
      },
      quietSession(),
    );
    expect(rehearsal.document).toMatchObject({
      cleared: [{ id: 'ENG-073', items: 4, cleared: 0, others: [{ id: 'ENG-073', count: 4 }] }],
    });
    await proveAll();
  });

  it('finishes what a crash left open', async () => {
    const { db } = bench.application.store;
    const [removal] = await db
      .selectFrom('lazaret.removal')
      .selectAll()
      .where('kind', '=', 'delivery')
      .execute();
    await db
      .updateTable('lazaret.removal')
      .set({ state: 'open', settled_at: null })
      .where('id', '=', removal?.id ?? '')
      .execute();
    await sql`update lazaret.run set configuration =
      jsonb_set(configuration::jsonb, '{out}', '"/nowhere/at/all"')::json`.execute(db);
    const unmounted = await retain(365 * DAY_MS);
    expect(unmounted.files).toMatchObject({ left: 1, because: { id: 'SNK-006' } });
    // What cannot be removed keeps nothing else from being erased, and a run tries again.
    await sql`update lazaret.run set configuration =
      jsonb_set(configuration::jsonb, '{out}', ${JSON.stringify(bench.out)}::jsonb)::json`.execute(
      db,
    );
    mkdirSync(join(bench.folder, 'nothing'), { recursive: true });
    await bench.run({ location: join(bench.folder, 'nothing') });
    const after = await db.selectFrom('lazaret.removal').select(['id', 'state']).execute();
    expect(after.find(({ id }) => id === removal?.id)?.state).toBe('missing');
    expect(after.filter(({ state }) => state === 'open')).toEqual([]);
  });

  it('of a run takes all of it, and where it came from', async () => {
    const erased = await erase({ run: first.run });
    expect(erased.items).toBeGreaterThan(0);
    expect([...filesBelow(bench.out).keys()]).toEqual([]);
    await proveAll();
    const run = await bench.application.engine.find(first.run);
    expect(await bench.application.engine.locationOf(run)).toBe('(erased)');
  });

  it('retains records, and removes copies, staged files and what was left aside', async () => {
    mkdirSync(join(bench.data, 'staging', '01234567-dead'), { recursive: true });
    const aside = join(bench.out, '.x.tar.gz.a-1.tmp');
    writeFileSync(aside, 'half');
    const long = new Date(Date.now() - 3 * DAY_MS);
    utimesSync(aside, long, long);
    const before = await held();
    expect(copies().length).toBeGreaterThan(0);
    const kept = await retain(DAY_MS);
    expect(kept).toMatchObject({ copies: { count: 0 }, staged: 1, aside: 1 });
    const gone = await retain(0);
    expect(gone.copies.count).toBeGreaterThan(0);
    expect(copies()).toEqual([]);
    expect(readdirSync(join(bench.data, 'staging'))).toEqual([]);
    expect(await held()).toEqual(before);
    expect(await retain(0)).toMatchObject({ copies: { count: 0 }, staged: 0, aside: 0 });
    await proveAll();
  });

  describe('the record', () => {
    it('has every decision: who, when and why', async () => {
      const rows = await bench.application.store.db
        .selectFrom('lazaret.decision')
        .select(['kind', 'by', 'reason'])
        .where('kind', 'in', ['erase', 'retain'])
        .orderBy('at')
        .execute();
      expect(rows.filter(({ kind }) => kind === 'erase')).toEqual(
        Array.from({ length: 2 }, () => ({
          kind: 'erase',
          by: 'anna',
          reason: 'consent withdrawn',
        })),
      );
    });
  });
});
