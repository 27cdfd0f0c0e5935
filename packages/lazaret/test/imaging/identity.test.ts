/**
 * The identifier service misbehaves, and nothing is lost, held wrongly or goes on un-anonymised. One
 * case a fault; what the operator sees is compared with the table of the guide, row by row.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillTemplate } from '@lazaret/faults';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startFakeDasher, type FakeDasher } from '../../../../fixtures/dasher/server.ts';
import { el } from '../../../../fixtures/dicom/build.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { DecisionDocument } from '../../src/cli/held-decisions.ts';
import type { BatchDocument } from '../../src/cli/status.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { catalogue } from '../../src/main.ts';
import { buildSample } from '../../src/pipelines/imaging/dicom/deidentify-sample.ts';
import { holds, proveLedger } from '../../src/store/ledger.ts';
import { unpackAll } from './archive-reader.ts';
import { CASES, type IdentityCase } from './identity-cases.ts';
import {
  documentAs,
  dumpTables,
  filesBelow,
  openWorkbench,
  quietSession,
  type Workbench,
} from './workbench.ts';

const TOKEN = 'a-token-for-tests-0815';
const PATIENTS = ['MRN-5550001', 'MRN-5550002'];
const IMAGES = 4;
const CLEAR = /MRN-555000|ACC-777000|SOMEBODY-ELSE|a-token-for-tests/;

/** Fast: what takes minutes in a hospital takes a fraction of a second here. */
const HTTP = {
  kind: 'http',
  contact: 'ids@example.org',
  patientSource: 'Stanford MRN',
  accessionSource: 'DCM Accession #',
  tokenEnv: 'DASHER_TOKEN',
  timeoutMs: 250,
  attempts: 2,
  backoffMs: 5,
  maxBackoffMs: 40,
  pauseAfter: 1,
  pauseMs: 80,
};

let bench: Workbench;
let fake: FakeDasher;
const env: Record<string, string> = { DASHER_TOKEN: TOKEN };
const scratch = mkdtempSync(join(tmpdir(), 'lazaret-identity-'));

beforeAll(async () => {
  fake = await startFakeDasher();
  bench = await openWorkbench({ env });
  let number = 0;
  for (const [index, patient] of PATIENTS.entries()) {
    mkdirSync(join(bench.source, String(index)), { recursive: true });
    for (let image = 0; image < IMAGES / PATIENTS.length; image += 1) {
      number += 1;
      const bytes = buildSample([
        el('00080018', 'UI', `1.2.826.0.1.3680043.8.498.71${number}`),
        el('00080050', 'SH', `ACC-777000${index}`),
        el('00100020', 'LO', patient),
        el('0020000D', 'UI', `1.2.826.0.1.3680043.8.498.72${index}`),
      ]);
      writeFileSync(join(bench.source, String(index), `${image}.dcm`), bytes);
    }
  }
}, 60_000);
afterEach(() => {
  fake.behave('well');
  fake.accept(TOKEN);
});
afterAll(async () => {
  await bench.close();
  await fake.close();
  rmSync(scratch, { recursive: true, force: true });
});

interface Ran {
  readonly summary: RunSummary;
  readonly out: string;
  readonly project: string;
}

async function run(
  project: string,
  more: Record<string, unknown> = {},
  maxPauseSeconds = 0.3,
): Promise<Ran> {
  const out = join(bench.folder, 'outs', project);
  const identity = { ...HTTP, url: fake.url, ...more };
  const summary = await bench.run({ project, out, settings: { identity }, maxPauseSeconds });
  return { summary, out, project };
}

async function resume({ summary }: Ran): Promise<RunSummary> {
  const input = { run: summary.run, strict: false, maxPauseSeconds: 5 };
  return documentAs<RunSummary>(await COMMANDS.resume(bench.application, input, quietSession()));
}

async function replay({ summary, project }: Ran): Promise<RunSummary | undefined> {
  const input = {
    kind: 'replay' as const,
    selection: { project, run: summary.run },
    reason: 'the service is well again',
    user: 'tester',
    dryRun: false,
    strict: false,
    maxPauseSeconds: 5,
  };
  const outcome = await COMMANDS['held decide'](bench.application, input, quietSession());
  const document = documentAs<DecisionDocument>(outcome);
  return document.dryRun ? undefined : document.runs[0];
}

async function batchesOf(short: string): Promise<readonly BatchDocument[]> {
  const input = { run: short, project: 'default', hasError: false };
  return documentAs(await COMMANDS.batches(bench.application, input, quietSession()));
}

async function pauseReasons(short: string): Promise<(string | undefined)[]> {
  const { id } = await bench.application.engine.find(short);
  const rows = await bench.application.store.db
    .selectFrom('lazaret.run_event')
    .select('reason')
    .where('run', '=', id)
    .where('to_status', '=', 'paused')
    .execute();
  return rows.map(({ reason }) => reason?.message);
}

async function ledgerHolds(short: string): Promise<boolean> {
  const { id } = await bench.application.engine.find(short);
  return holds(await proveLedger(bench.application.store.db, id));
}

/** How a summary's items stand, in the words of the ledger; zeros left out. */
function sumOf({ items }: RunSummary): string {
  const { received, ...parts } = items;
  const shown = Object.entries(parts).filter(([, count]) => count > 0);
  return `${received} = ${shown.map(([name, count]) => `${count} ${name}`).join(' + ')}`;
}

/** The rows of the guide's table: what the service does → code, sentence, ledger. */
const guide = readFileSync(new URL('../../../../docs/guides/identity.md', import.meta.url), 'utf8');
const rows = new Map(
  guide
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()))
    .map(([title = '', ...cells]) => [title, cells]),
);

/** A sentence as the guide has it: figures of a moment stand for any, and a shape is told once. */
function plain(message: string): string {
  return message
    .replace(/\(([\w/]+), \d+ bytes\)/, '($1, N bytes)')
    .replace(/has the shape \{.*\}\.$/, 'has the shape ….')
    .replace(/answered with \{results: .*\} where/, 'answered with … where');
}

async function misbehave(given: IdentityCase): Promise<Record<string, unknown>> {
  switch (given.behaviour) {
    case 'is-off':
      return { url: await closedAddress() };
    case 'has-no-name':
      return { url: 'https://ids.invalid/identifiers', timeoutMs: 2_000 };
    case 'refuses-token':
      fake.accept('another token');
      return {};
    case 'sends-huge':
      fake.behave(given.behaviour);
      // So much takes its time on a busy machine, and the limit is to be met before the time-out.
      return { timeoutMs: 10_000 };
    default:
      fake.behave(given.behaviour);
      return {};
  }
}

/** An address where nobody listens any more. */
async function closedAddress(): Promise<string> {
  const gone = await startFakeDasher();
  await gone.close();
  return gone.url;
}

async function expectAllDelivered(ran: Ran, summary: RunSummary | undefined): Promise<void> {
  expect(summary?.status).toBe('complete');
  expect(summary?.items.delivered).toBe(IMAGES);
  expect(await ledgerHolds(summary?.run ?? '')).toBe(true);
  const archives = unpackAll(ran.out, join(scratch, ran.project));
  expect(archives).toHaveLength(PATIENTS.length);
  for (const { key, images } of archives) {
    expect(key).not.toMatch(CLEAR);
    for (const bytes of images.values()) expect(bytes.toString('latin1')).not.toMatch(CLEAR);
  }
}

describe('when the identifier service', () => {
  it.for(CASES)('$title, $behaviour: $ending', async (given) => {
    const project = `case-${given.behaviour}`;
    const ran = await run(project, await misbehave(given));
    const { summary } = ran;

    // Nothing leaves without a pseudonym, whatever went wrong.
    expect(filesBelow(ran.out).size).toBe(0);
    expect(summary.items).toMatchObject({ received: IMAGES, delivered: 0 });
    expect(await ledgerHolds(summary.run)).toBe(true);
    expect(bench.log.join('\n')).not.toMatch(CLEAR);

    const entry = catalogue.entryOf({ code: given.code });
    let seen: string | undefined;
    if (given.ending === 'pauses') {
      expect(summary.status).toBe('interrupted');
      expect(summary.reason?.code).toBe('DependencyPausedTooLong');
      expect(sumOf(summary)).toBe(`${IMAGES} = ${IMAGES} pending`);
      seen = (await pauseReasons(summary.run))[0];
    } else if (given.ending === 'stops') {
      expect(summary).toMatchObject({ status: 'interrupted', reason: { code: given.code } });
      expect(sumOf(summary)).toBe(`${IMAGES} = ${IMAGES} pending`);
      seen = summary.reason?.message;
    } else {
      expect(summary.status).toBe('complete');
      expect(sumOf(summary)).toBe(`${IMAGES} = ${IMAGES} held`);
      const batches = await batchesOf(summary.run);
      const failed = batches.filter(({ status }) => status === 'error');
      expect(failed).toHaveLength(PATIENTS.length);
      expect(failed.map(({ reason }) => reason?.code)).toEqual([given.code, given.code]);
      expect(failed.every(({ hasError }) => hasError)).toBe(true);
      const standing = [...(await bench.standing(summary.run)).values()];
      expect(standing.map(({ disposition, code }) => `${disposition} ${code}`)).toEqual(
        Array.from({ length: IMAGES }, () => `held ${given.code}`),
      );
      seen = failed[0]?.reason?.message;
    }
    expect(seen).not.toMatch(CLEAR);
    expect(rows.get(given.title)).toEqual([
      entry.id,
      plain(seen ?? 'nothing'),
      `${given.ending === 'holds' ? 'complete' : 'interrupted'}: ${sumOf(summary)}`,
    ]);

    // Well again: what waited goes through, each image once.
    fake.behave('well');
    fake.accept(TOKEN);
    if (given.behaviour === 'is-off' || given.behaviour === 'has-no-name') return;
    const after = given.ending === 'holds' ? await replay(ran) : await resume(ran);
    await expectAllDelivered(ran, after);
  });

  it('has every row of the guide’s table tried here, and each case told there', () => {
    const told = [...rows.keys()].filter((title) => CASES.some((given) => given.title === title));
    expect(told).toHaveLength(CASES.length);
    expect(new Set(CASES.map(({ title }) => title)).size).toBe(CASES.length);
  });

  it('is down for a while, the run pauses and goes on by itself', async () => {
    let failures = 0;
    fake.behave(() => {
      failures += 1;
      return failures <= 6 ? 'is-unavailable' : 'well';
    });
    const ran = await run('down-for-a-while', {}, 10);
    await expectAllDelivered(ran, ran.summary);
    expect((await pauseReasons(ran.summary.run)).length).toBeGreaterThan(0);
  });

  it('asks to wait by Retry-After, the next request comes no earlier', async () => {
    for (const [how, project] of [
      ['throttles-seconds', 'waits-seconds'],
      ['throttles-date', 'waits-date'],
    ] as const) {
      const times: number[] = [];
      fake.behave(() => {
        times.push(performance.now());
        return times.length === 1 ? how : 'well';
      });
      const one = { maxBackoffMs: 5_000, attempts: 3 };
      const ran = await run(project, one, 10);
      await expectAllDelivered(ran, ran.summary);
      expect(await pauseReasons(ran.summary.run)).toEqual([]);
      // The other lane asks meanwhile; the one that was throttled is the last to ask.
      expect(Math.max(...times) - (times[0] ?? 0)).toBeGreaterThan(480);
    }
  });

  it('refuses a token that has been renewed since, the new one is read and the run goes on', async () => {
    const tokenFile = join(scratch, 'token');
    writeFileSync(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
    let renewed = false;
    fake.behave(() => 'well');
    fake.accept('renewed');
    const ran = await run('token-stale', { tokenEnv: undefined, tokenFile });
    expect(ran.summary).toMatchObject({
      status: 'interrupted',
      reason: { code: 'CredentialRefused' },
    });
    writeFileSync(tokenFile, 'renewed\n', { mode: 0o600 });
    renewed = true;
    await expectAllDelivered(ran, await resume(ran));
    expect(renewed).toBe(true);
  });

  it('has no credential where one is configured, the run says where it looked', async () => {
    const ran = await run('token-missing', { tokenEnv: 'NOT_SET_ANYWHERE' });
    expect(ran.summary).toMatchObject({
      status: 'interrupted',
      reason: { code: 'CredentialUnusable' },
    });
    expect(ran.summary.reason?.message).toContain('environment variable NOT_SET_ANYWHERE');
    env['NOT_SET_ANYWHERE'] = TOKEN;
    await expectAllDelivered(ran, await resume(ran));
  });

  it('answers in an order of its own, nothing is mixed up', async () => {
    fake.behave('wrong-order');
    const ran = await run('wrong-order');
    await expectAllDelivered(ran, ran.summary);
  });

  it('forgets everybody, what was delivered keeps its link and the rest waits', async () => {
    const ran = await run('forgets');
    await expectAllDelivered(ran, ran.summary);
    fake.forget();
    writeFileSync(
      join(bench.source, '0', 'later.dcm'),
      buildSample([
        el('00080018', 'UI', '1.2.826.0.1.3680043.8.498.7999'),
        el('00080050', 'SH', 'ACC-7770000'),
        el('00100020', 'LO', PATIENTS[0] ?? ''),
      ]),
    );
    try {
      const later = await run('forgets');
      expect(later.summary.items).toMatchObject({ delivered: 0, duplicate: IMAGES, held: 1 });
      const [held] = (await bench.standing(later.summary.run)).values();
      const standing = [...(await bench.standing(later.summary.run)).values()];
      expect(held).toBeDefined();
      expect(standing.find(({ disposition }) => disposition === 'held')).toMatchObject({
        code: 'IdentityContradiction',
      });
    } finally {
      rmSync(join(bench.source, '0', 'later.dcm'));
    }
  });

  it('merges two patients over two batches, the second is not delivered', async () => {
    fake.behave('merges');
    const { summary } = await run('merges');
    expect(summary.items).toMatchObject({ delivered: IMAGES / 2, held: IMAGES / 2 });
    expect((await batchesOf(summary.run)).map(({ reason }) => reason?.code)).toContain(
      'PseudonymCollision',
    );
  });

  it('was asked with dates, and its pseudonyms and shifts are in what was delivered', async () => {
    const before = fake.requests.length;
    const { summary, out } = await run('delivers');
    expect(summary.items.delivered).toBe(IMAGES);
    const asked = fake.requests.slice(before).flat();
    expect(asked).toHaveLength(PATIENTS.length);
    expect(asked.find(({ id }) => id === PATIENTS[0])).toEqual({
      id: PATIENTS[0],
      id_source: 'Stanford MRN',
      id_timestamp: '1961-05-23T00:00:00Z',
      items: [
        { id: 'ACC-7770000', id_source: 'DCM Accession #', id_timestamp: '2024-01-15T00:00:00Z' },
      ],
    });
    const keys = [...filesBelow(out).keys()];
    expect(keys.every((key) => /\/Entity\/[0-9a-fR]+\/[0-9a-fR]+_2023|_2024/.test(key))).toBe(true);
  });

  it('keeps no identifier and no secret in any table', async () => {
    for (const [table, bytes] of await dumpTables(bench.application)) {
      expect([table, CLEAR.test(bytes.toString('latin1'))]).toEqual([table, false]);
    }
  });
});

describe('a sentence of the guide', () => {
  it('is that of the catalogue, for the run that waited too long', () => {
    const entry = catalogue.entryOf({ code: 'DependencyPausedTooLong' });
    const parameters = { dependency: 'the identifier service', waitedSeconds: 600 };
    const text = fillTemplate(entry.message, entry.parameters, parameters, 'operator');
    expect(guide.replace(/\s+/g, ' ')).toContain(text);
  });
});
