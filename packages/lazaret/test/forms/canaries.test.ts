/**
 * Canaries: values that are nowhere else in the world stand in every column of a file and in its
 * name, and go through the whole of forms on the command line: delivered, rejected by the schema and
 * by a rule, held, sent twice. Then everything that was written, printed or stored is searched for
 * them. They may be in deliveries, QC documents and fix lists, and in the store only where it is
 * sealed, which is to say: not to be found.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/engine/summary.ts';
import { dumpTables, filesBelow, openWorkbench } from '../imaging/workbench.ts';
import { documentOf, lazaret, makeHome, type Ended, type Home } from '../cli/process.ts';
import { STUDY } from './documents-bench.ts';

const [MODULE] = STUDY.modules;
if (MODULE === undefined) throw new Error('The study has a module.');

/** Numbers of nine digits: in the digests and ids of a store they do not come up by chance. */
class Nest {
  #next = 730_112_300;
  readonly tokens: string[] = [];

  number(): number {
    this.#next += 1;
    this.tokens.push(String(this.#next));
    return this.#next;
  }

  text(): string {
    this.#next += 1;
    const token = `kanarek${this.#next}`;
    this.tokens.push(token);
    return token;
  }
}

const nest = new Nest();

/** A row in which every cell is a canary, but for those that make it what it is to be. */
function rowOf(cells: Readonly<Record<string, string | number>>): (string | number)[] {
  const all = {
    ...{ adcid: nest.number(), ptid: String(nest.number()), visitnum: nest.number() },
    ...{ visitdate: nest.text(), initials: nest.text(), age: 71, weight: 80, note: nest.text() },
  };
  return Object.values({ ...all, ...cells });
}

const FILE = `${nest.text()}.csv`;
const held = rowOf({ weight: nest.number() });
const twin = rowOf({});

/** By what becomes of them. */
const ROWS = [
  rowOf({}),
  // Against the schema: too long, too large, of no type.
  rowOf({ ptid: `${nest.text()}-too-long`, age: nest.number() }),
  rowOf({ visitnum: nest.text(), weight: nest.text(), note: nest.text().repeat(9) }),
  // Against a rule.
  rowOf({ age: -nest.number() }),
  held,
  held,
  // Two versions of a visit.
  twin,
  twin.map((cell, at) => (at === 7 ? nest.text() : cell)),
];
const DUPLICATES = 1;

let home: Home;
let summary: RunSummary;
const printed: (readonly [string, Ended])[] = [];

beforeAll(async () => {
  home = makeHome();
  mkdirSync(home.source);
  const columns = Object.keys(MODULE.schema.properties);
  const lines = [columns, ...ROWS].map((row) => row.join(','));
  writeFileSync(join(home.source, FILE), `${lines.join('\n')}\n`);
  const { schema, rules, codes } = MODULE;
  writeFileSync(join(home.folder, 'UDS.json'), JSON.stringify(schema));
  writeFileSync(join(home.folder, 'rules.json'), JSON.stringify(rules));
  writeFileSync(join(home.folder, 'codes.json'), JSON.stringify(codes));
  const common = ['--data', home.data];
  const say = async (...args: string[]): Promise<Ended> => {
    const ended = await lazaret(home, [...args, ...common]);
    printed.push([args.slice(0, 2).join(' '), ended]);
    return ended;
  };
  const run = ['run', 'forms', join(home.source, FILE), '--schema', 'UDS.json'];
  const rulesOf = ['--rules', 'rules.json', '--codes', 'codes.json', '--out', home.out];
  summary = documentOf(await say(...run, ...rulesOf, '--json')) as RunSummary;
  await say('status', summary.run);
  await say('status', summary.run, '--json');
  await say('findings', '--run', summary.run);
  await say('findings', '--run', summary.run, '--json');
  await say('held', 'list', '--json');
  await say('held', 'show', `${summary.run}/5`);
  await say('held', 'show', `${summary.run}/5`, '--json');
  await say('batches', '--run', summary.run, '--json');
  await say('documents', summary.run);
  await say('documents', summary.run, '--json');
  await say('logs', '--run', summary.run);
  await say('held', 'replay', '--run', summary.run, '--reason', 'again', '--json');
}, 240_000);
afterAll(() => home.remove());

/** In the encodings in which a careless program may pass a value on. */
const NEEDLES = nest.tokens.flatMap((token) => {
  const bytes = Buffer.from(token);
  return [
    { token, pattern: bytes },
    { token: `${token} in UTF-16`, pattern: Buffer.from(token, 'utf16le') },
    { token: `${token} in hexadecimal`, pattern: Buffer.from(bytes.toString('hex')) },
    ...[0, 1, 2].map((before) => ({
      token: `${token} in base64`,
      // What depends on these bytes alone.
      pattern: Buffer.from(
        Buffer.concat([Buffer.alloc(before), bytes])
          .toString('base64')
          .slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)),
      ),
    })),
  ];
});

function canariesIn(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return NEEDLES.filter(({ pattern }) => buffer.includes(pattern)).map(({ token }) => token);
}

describe('what goes through forms', () => {
  it('ends in every way in which it can', () => {
    const { received, delivered, held: waiting, rejected, duplicate } = summary.items;
    expect({ received, delivered, waiting, rejected, duplicate }).toEqual({
      ...{ received: ROWS.length, delivered: 1, waiting: 1, rejected: 5, duplicate: DUPLICATES },
    });
  });

  it('is in deliveries, QC documents and fix lists, for those who have to know', () => {
    const files = [...filesBelow(home.out)];
    const found = (folder: string): Set<string> =>
      new Set(
        files
          .filter(([path]) => path.startsWith(`default/${folder}/`))
          .flatMap(([, bytes]) => canariesIn(bytes)),
      );
    const delivered = (ROWS[0] ?? []).map(String).filter((cell) => nest.tokens.includes(cell));
    expect(delivered).toHaveLength(6);
    expect([...found('Forms')].toSorted()).toEqual(delivered.toSorted());
    const [, wrong = []] = ROWS;
    const participant = String(wrong[1]).replace('-too-long', '');
    expect(found('QC')).toContain(participant);
    expect(found('QC')).toContain(String(wrong[5]));
    expect(found('QC')).toContain(FILE.replace('.csv', ''));
    expect(found('Fix')).toContain(participant);
    expect(found('Fix')).toContain(String(held[6]));
  });
});

describe('nowhere else', () => {
  it('is anything of it in the name of a file', () => {
    const names = [...filesBelow(home.out).keys()].join('\n');
    expect(canariesIn(Buffer.from(names))).toEqual([]);
  });

  it('does anything of it reach a terminal or a JSON document on standard output', () => {
    const heard = printed.flatMap(([command, { stdout, stderr, exit }]) => {
      expect([command, exit]).toEqual([command, 0]);
      return canariesIn(Buffer.from(`${stdout}\n${stderr}`)).map((token) => `${command}: ${token}`);
    });
    expect(heard).toEqual([]);
  });

  it('is anything of it in the data folder: logs, staging, and the bytes of the store', () => {
    const escaped = [...filesBelow(home.data)].flatMap(([path, bytes]) =>
      canariesIn(bytes).map((token) => `${path}: ${token}`),
    );
    expect(escaped).toEqual([]);
  });

  it('can anything of it be read from a table: neither jobs, nor findings, nor files', async () => {
    const bench = await openWorkbench({ folder: home.folder });
    try {
      const dump = await dumpTables(bench.application);
      expect(dump.has('lazaret_forms.file')).toBe(true);
      const escaped = [...dump].flatMap(([table, bytes]) =>
        canariesIn(bytes).map((token) => `${table}: ${token}`),
      );
      expect(escaped).toEqual([]);
    } finally {
      await bench.close();
    }
  });
});
