import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BASE_CODES, createCatalogue, type Catalogue, type Entry } from '@lazaret/faults';
import {
  catalogueDefects,
  goneIds,
  lockOf,
  unlockedIds,
  type LockFile,
} from '@lazaret/faults/testing';
import { describe, expect, it } from 'vitest';
import { catalogue } from './main.ts';

const packages = fileURLToPath(new URL('../../', import.meta.url));

/** Codes that more than one file raises, each with why that is no second meaning. */
const RAISED_IN_SEVERAL: Readonly<Record<string, string>> = {
  ConfigurationInvalid: 'the configuration, a JSON file, and a policy that is a module',
  ConfigurationMissing: 'the configuration, and a file that it or the command line names',
  NothingSelected: 'a decision over nothing, and a rehearsal of nothing',
  RunNotFound: 'a run of that name, and any run at all to try a policy on',
  RunStoppedByPerson: 'a signal of this process (invoke), or the word of another one (work-run)',
  ItemNotFound: 'what is no name of an item (selection), and a name without an item (held show)',
  DependencyPausedTooLong: 'one call that waits at the gate, or many that fail before it opens',
  SourceChanged: 'between runs (import), and between the two openings of one run (de-identify)',
  DeliveryBusy: 'another attempt at work: seen by its file aside, or by its lock',
  UsageWrong: 'what was typed (program, demo), and what another version typed (socket)',
  Aborted: 'three ways of waiting end by the same signal',
  TimedOut: 'our own limit (retry), and that of a library (to-fault)',
};

/** Codes that no test raises, each with the reason. Keep it short. */
const UNTRIED: Readonly<Record<string, string>> = {};

/** Codes that are chosen from a table of foreign codes; the table is where they are raised. */
const TABLES = /^faults\/src\/base\//;

interface Raised {
  readonly name: string;
  readonly file: string;
}

/** Every quoted name in the first argument of `finding(…)` or `fault(…)`. */
function raisedIn(file: string, text: string): Raised[] {
  const calls = [...text.matchAll(/\b(?:finding|fault)\(\s*([^,]*?),/g)].map(([, code]) => code);
  return calls.flatMap((code = '') =>
    [...code.matchAll(/'([A-Z]\w+)'/g)].map(([, name = '']) => ({ name, file })),
  );
}

function readSources(): { readonly file: string; readonly text: string }[] {
  return globSync('{faults,lazaret}/src/**/*.ts', { cwd: packages })
    .filter((file) => !/\.test\.ts$|\/codes\.ts$|\/testing\//.test(file))
    .sort()
    .map((file) => ({ file, text: readFileSync(packages + file, 'utf8') }));
}

function readLock(name: string): LockFile {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as LockFile;
}

const sources = readSources();
const raised = sources.flatMap(({ file, text }) => raisedIn(file, text));
const tables = sources.filter(({ file }) => TABLES.test(file)).map(({ text }) => text);
const filesOf = (name: string): string[] => [
  ...new Set(raised.filter((each) => each.name === name).map(({ file }) => file)),
];

describe('the whole catalogue', () => {
  const lock = readLock('../catalogue.lock.json');
  const baseLock = readLock('../../faults/catalogue.lock.json');
  const own: Catalogue = createCatalogue(
    Object.fromEntries(
      catalogue.entries
        .filter(({ name }) => !(name in BASE_CODES))
        .map(({ name, ...entry }): [string, Entry] => [name, entry]),
    ),
  );

  it('has texts without a defect', () => {
    expect(catalogueDefects(catalogue)).toEqual([]);
  });

  it('keeps every id that was ever recorded, under its name, and records every new one', () => {
    expect(goneIds(own, lock)).toEqual([]);
    expect(unlockedIds(own, lock)).toEqual([]);
    expect(goneIds(catalogue, baseLock)).toEqual([]);
    expect(lockOf(catalogue).ids).toEqual({ ...lock.ids, ...baseLock.ids });
  });

  it('is documented code by code in the operations guide', () => {
    const page = readFileSync(
      new URL('../../../docs/reference/operations-guide.md', import.meta.url),
      'utf8',
    );
    const documented = [...page.matchAll(/^## ([A-Z]+-\d{3})$/gm)].map(([, id]) => id);
    expect(documented).toEqual(catalogue.entries.map(({ id }) => id));
  });

  it('gives every parameter a privacy class that exists', () => {
    const wrong = catalogue.entries.flatMap(({ id, parameters }) =>
      Object.entries(parameters)
        .filter(([, privacy]) => !['public', 'internal', 'phi'].includes(privacy))
        .map(([name]) => `${id} {${name}}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the codes in the sources', () => {
  it('are all in the catalogue', () => {
    const unknown = raised.filter(({ name }) => catalogue.get(name) === undefined);
    expect(unknown).toEqual([]);
  });

  it('are raised, each of them', () => {
    const never = catalogue.entries
      .filter(({ name, deprecated }) => deprecated === undefined && filesOf(name).length === 0)
      .filter(({ name }) => !tables.some((text) => text.includes(`'${name}'`)))
      .map(({ id, name }) => `${id} ${name}`);
    expect(never).toEqual([]);
  });

  it('are raised in one place, but for those whose second place has a reason', () => {
    const several = catalogue.entries
      .map(({ name }) => name)
      .filter((name) => filesOf(name).length > 1);
    expect(several.sort()).toEqual(Object.keys(RAISED_IN_SEVERAL).sort());
  });

  it('are named by a test, each of them that no table chooses', () => {
    const tests = globSync(['{faults,lazaret}/src/**/*.test.ts', 'lazaret/test/**/*.ts'], {
      cwd: packages,
    })
      .filter((file) => !file.endsWith('src/catalogue.test.ts'))
      .map((file) => readFileSync(packages + file, 'utf8'));
    const untried = catalogue.entries
      .filter(({ deprecated }) => deprecated === undefined)
      .filter(({ name }) => !tables.some((text) => text.includes(`'${name}'`)))
      .filter(({ name, id }) => {
        const named = new RegExp(`\\b(?:${name}|${id})\\b`);
        return !tests.some((text) => named.test(text));
      })
      .map(({ name }) => name);
    expect(untried).toEqual(Object.keys(UNTRIED));
  });

  it('are found by this test, whichever way they are written', () => {
    const text = `codes.fault(\n  'One',\n {}); finding(x ? 'Two' : 'Three', {}); show('Four', {});`;
    expect(raisedIn('a.ts', text).map(({ name }) => name)).toEqual(['One', 'Two', 'Three']);
  });
});
