/** A participant withdraws: nothing of hers stays, and nobody else is touched. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hash } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ShownAlert } from '../../src/cli/alerts.ts';
import type { HeldDocument } from '../../src/cli/held.ts';
import type { EraseDocument } from '../../src/cli/retention.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { unpackVisits } from '../../src/pipelines/forms/history/kept-visit.ts';
import { holds, proveLedger } from '../../src/store/ledger.ts';
import { dumpTables, filesBelow } from '../imaging/workbench.ts';
import {
  everythingKept,
  filesWith,
  openWorld,
  rowsOf,
  SARA,
  TOM,
  tokensOf,
  UMA,
  type World,
} from './erasure-world.ts';

let world: World;
/** Where she never was. */
let without: World;
let erased: EraseDocument;
/** Of hers, as they were named before. */
let alert: string;
let rejected: string;

const BY = ['--user', 'anna@example.org'];
const REASON = ['--reason', 'consent withdrawn', ...BY];
const SUBJECT = ['erase', '--subject', SARA.id];

beforeAll(async () => {
  world = await openWorld([TOM, UMA, SARA]);
  without = await openWorld([TOM, UMA]);
}, 240_000);
afterAll(async () => {
  await world.close();
  await without.close();
});

const out = ({ line }: World): string => join(line.home.folder, 'out');

/** The error that a command ends with. */
async function refusal(...args: readonly string[]): Promise<{ readonly name: string }> {
  const { exit, stdout, stderr } = await world.line.type([...args, '--json']);
  expect(exit, stdout + stderr).not.toBe(0);
  return (JSON.parse(stdout) as { readonly error: { readonly name: string } }).error;
}

/** Deliveries as they are, and documents as they would be written now: without names and moments. */
async function plainFiles(of: World): Promise<string[]> {
  const names = of.runs.map(({ run }, at) => [run, `RUN${at}`] as const);
  const plain = (text: string): string =>
    names
      .reduce((all, [run, name]) => all.replaceAll(run, name), text)
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'AT')
      .replace(/"alert-hash":"[\w-]+"/g, '"alert-hash":"HASH"')
      .replace(/"records":\d+/g, '"records":0')
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}\/\d+/g, 'ITEM')
      .replace(/(UDS_|Forms\/)[0-9a-f]{16}/g, '$1KEY');
  const now = join(of.line.home.folder, 'now');
  for (const { run } of of.runs) await of.line.ask('documents', run, '--out', now);
  const deliveries = [...filesBelow(out(of))].filter(([path]) => path.includes('/Forms/'));
  return [...deliveries, ...filesBelow(now)]
    .map(([path, bytes]) => `${plain(path)}\n${plain(bytes.toString('utf8'))}`)
    .toSorted();
}

/** The documents beside the deliveries, by their keys. */
function documentsOf(of: World): Map<string, string> {
  const documents = [...filesBelow(out(of))].filter(([path]) => !path.includes('/Forms/'));
  return new Map(documents.map(([path, bytes]) => [path, bytes.toString('utf8')]));
}

async function proveAll({ line }: World): Promise<void> {
  const { db } = line.application.store;
  for (const { id } of await db.selectFrom('lazaret.run').select('id').execute()) {
    expect(holds(await proveLedger(db, id))).toBe(true);
  }
}

/** Each version of each visit that is kept, but for the names of runs. */
async function historyOf({ line }: World): Promise<unknown[]> {
  const { db } = line.application.store;
  const key = await line.application.engine.keyOf('default');
  const { rows } = await sql<{ payload: Uint8Array; visits: number }>`
    select payload, visits from lazaret_forms.published_segment
    order by lazaret_forms.published_segment.id`.execute(db);
  return rows.flatMap(({ payload, visits }) => {
    const versions = unpackVisits(key, Uint8Array.from(payload));
    expect(versions).toHaveLength(visits);
    return versions.map(({ id: _, reads, ...version }) => ({
      ...version,
      reads: reads.map(({ id, ...read }) => ({ ...read, isThere: id !== null })),
    }));
  });
}

describe('before a participant of forms withdraws', { timeout: 120_000 }, () => {
  it('she is in files of every kind, and everything happened to her', async () => {
    const files = filesWith(world, tokensOf(SARA)).join('\n');
    for (const kind of [/Forms\/UDS_\w+\.ndjson/, /\.recall\.json/, /QC\//, /csv/, /html/]) {
      expect(files).toMatch(kind);
    }
    expect(world.runs.map(({ items }) => items)).toMatchObject([
      { received: 12, delivered: 3, rejected: 6, held: 3 },
      { received: 6, delivered: 0, duplicate: 3, held: 3 },
      { received: 3, delivered: 3 },
    ]);
    const alerts = await world.line.ask<ShownAlert[]>('alerts', 'list', '--each');
    for (const { alert: name } of alerts) {
      const shown = await world.line.ask<{ revealed?: { subject: string }; item: string }>(
        ...['alerts', 'show', name, '--reveal'],
      );
      if (shown.revealed?.subject === `17|${SARA.ptid}`) alert = name;
    }
    rejected = `${world.runs[0]?.run}/10`;
  });

  it('a dry run says what would go and what stays, and changes nothing', async () => {
    const before = await dumpTables(world.line.application);
    const files = filesBelow(out(world));
    const said = await world.line.ask<EraseDocument>(...SUBJECT, '--dry-run');
    expect(said).toMatchObject({
      ...{ dryRun: true, decision: null, items: 7, copies: 0, isKnown: true, files: null },
      deliveries: { count: 1 },
      shared: { visits: 3, alerts: 3, identifiers: 1, shortened: 3, documents: 20 },
    });
    const { stdout } = await world.line.type([...SUBJECT, '--dry-run']);
    expect(stdout).toMatch(/shared files +3, without these rows/);
    expect(stdout).toContain('Nothing was erased.');
    const after = await dumpTables(world.line.application);
    for (const [name, bytes] of after) {
      if (name.startsWith('lazaret'))
        expect(bytes.equals(before.get(name) ?? Buffer.of()), name).toBe(true);
    }
    expect(filesBelow(out(world))).toEqual(files);
  });

  it('an erasure is refused without a reason, and for nobody', async () => {
    expect(await refusal(...SUBJECT)).toMatchObject({ name: 'ReasonMissing' });
    for (const nobody of ['NACC111111', '17/NOBODY', 'P1Q2R3']) {
      const args = ['erase', '--subject', nobody, ...REASON];
      expect(await refusal(...args)).toMatchObject({ name: 'NothingToErase' });
    }
  });
});

describe('when a participant of forms withdraws', { timeout: 120_000 }, () => {
  it('everything of hers goes', async () => {
    expect(await everythingKept(world.line.application)).toContain(SARA.mark);
    erased = await world.line.ask<EraseDocument>(...SUBJECT, ...REASON);
    expect(erased).toMatchObject({ items: 7, files: { left: 0, because: null } });
    expect(filesWith(world, tokensOf(SARA))).toEqual([]);
    const kept = await everythingKept(world.line.application);
    expect(tokensOf(SARA).filter((token) => kept.includes(token))).toEqual([]);
    expect(kept).not.toContain(SARA.reason);
    const data = [...filesBelow(world.line.home.data)].filter(([, bytes]) =>
      tokensOf(SARA).some((token) => bytes.includes(token)),
    );
    expect(data.map(([path]) => path)).toEqual([]);
    for (const person of [TOM, UMA]) {
      expect(tokensOf(person).filter((token) => !kept.includes(token))).toEqual([]);
    }
  });

  it('everybody else has the files that they would have had without her', async () => {
    expect(await plainFiles(world)).toEqual(await plainFiles(without));
  });

  it('the documents beside the deliveries are those that would be written now', async () => {
    const beside = documentsOf(world);
    for (const { run } of world.runs) await world.line.ask('documents', run);
    expect(documentsOf(world)).toEqual(beside);
    expect([...beside.keys()].filter((key) => key.includes('-v'))).toEqual([]);
  });

  it('their visits are kept as they were', async () => {
    expect(await historyOf(world)).toEqual(await historyOf(without));
  });

  it('the ledger still adds up, and knows each file as it is now', async () => {
    await proveAll(world);
    const { rows } = await sql<{ key: string; digest: string; bytes: number }>`
      select key, digest, bytes from lazaret.published_delivery`.execute(
      world.line.application.store.db,
    );
    const there = rows.flatMap(({ key, digest, bytes }) => {
      const found = filesBelow(out(world)).get(key);
      if (found === undefined) return [];
      expect([key, hash('sha256', found, 'hex'), found.length]).toEqual([key, digest, bytes]);
      return [key];
    });
    expect(rows).toHaveLength(there.length + 1);
    const documents = await sql<{ key: string; digest: string }>`
      select key, digest from lazaret_forms.document`.execute(world.line.application.store.db);
    for (const { key, digest } of documents.rows) {
      expect(hash('sha256', readFileSync(join(out(world), key)), 'hex')).toBe(digest);
    }
  });

  it('the record says who erased when and why, and not whom', async () => {
    const rows = await world.line.application.store.db
      .selectFrom('lazaret.decision')
      .select(['kind', 'by', 'reason', 'selection'])
      .where('kind', 'in', ['erase', 'clear'])
      .orderBy('at')
      .execute();
    expect(rows.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['clear', TOM.reason],
      ['clear', UMA.reason],
      ['clear', '(erased)'],
      ['erase', 'consent withdrawn'],
    ]);
    expect(rows.at(-1)).toMatchObject({ by: 'anna@example.org' });
  });

  it('whoever asks about a record or an alert of hers is told that it was erased', async () => {
    expect(await refusal('rules', 'why', rejected)).toMatchObject({ name: 'RecordErased' });
    expect(await refusal('rules', 'why', alert)).toMatchObject({ name: 'RecordErased' });
    expect(await refusal('alerts', 'show', alert)).toMatchObject({ name: 'RecordErased' });
    const shown = await world.line.ask<HeldDocument>('held', 'show', rejected);
    expect(shown.decisions.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['erase', 'consent withdrawn'],
    ]);
  });

  it('rules are tried and reported on as before', async () => {
    const tried = await world.line.ask<object>('rules', 'try', '--new', 'rules.json');
    const other = await without.line.ask<object>('rules', 'try', '--new', 'rules.json');
    const withoutRun = (document: object): string =>
      JSON.stringify(document).replaceAll(/r_[0-9a-z]{6}/g, 'RUN');
    expect(withoutRun(tried)).toEqual(withoutRun(other));
    await world.line.ask('rules', 'report');
  });

  it('cannot be done a second time', async () => {
    expect(await refusal(...SUBJECT, ...REASON)).toMatchObject({ name: 'NothingToErase' });
  });
});

describe('when her data comes again', { timeout: 120_000 }, () => {
  let again: RunSummary;

  it('everything is held, nothing of it is kept, and the others are known', async () => {
    const rows = [...(rowsOf(TOM)[0] ?? []), ...(rowsOf(SARA)[0] ?? [])];
    again = await world.send(rows, 'again.csv');
    expect(again.findings.find(({ name }) => name === 'ErasedBefore')?.count).toBe(4);
    expect(again.items).toMatchObject({ received: 8, held: 4, pending: 0 });
    const kept = await everythingKept(world.line.application);
    expect(tokensOf(SARA).filter((token) => kept.includes(token))).toEqual([]);
    expect(filesWith(world, tokensOf(SARA))).toEqual([]);
    await proveAll(world);
  });

  it('two people can let it go', async () => {
    const release = ['held', 'release', `${again.run}/5`, '--reason', 'she came back'];
    await world.line.ask(...release, '--user', 'anna@example.org');
    await world.line.ask('identifiers', 'load', 'ids.csv');
    await world.line.ask(...release, '--user', 'bert@example.org');
    expect(filesWith(world, [SARA.mark]).join()).toMatch(/Forms\/UDS_/);
    await proveAll(world);
  });

  it('she can be erased again, by centre and participant', async () => {
    const args = ['erase', '--subject', `017/${SARA.ptid}`, ...REASON];
    expect(await world.line.ask<EraseDocument>(...args)).toMatchObject({ items: 4 });
    expect(filesWith(world, tokensOf(SARA))).toEqual([]);
    const kept = await everythingKept(world.line.application);
    expect(tokensOf(SARA).filter((token) => kept.includes(token))).toEqual([]);
    await proveAll(world);
  });
});
