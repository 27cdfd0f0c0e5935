import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BASE_CODES } from './base/base-codes.ts';
import { createCatalogue } from './catalogue.ts';
import type { Entry } from './entry.ts';
import { editDistance } from './nearest.ts';
import { catalogueDefects, goneIds, lockOf, unlockedIds } from './testing/catalogue-checks.ts';
import { sampleCodes } from './testing/sample-codes.ts';

const sample: Entry = sampleCodes.entries.SampleTooLong;
const alert: Entry = sampleCodes.entries.SampleUnlikely;
const fault: Entry = BASE_CODES.DiskFull;
const lock = JSON.parse(
  readFileSync(new URL('../catalogue.lock.json', import.meta.url), 'utf8'),
) as { ids: Record<string, string> };

describe('the base codes', () => {
  const catalogue = createCatalogue(BASE_CODES);

  it('form a catalogue whose texts have no defect', () => {
    expect(catalogueDefects(catalogue)).toEqual([]);
  });

  it('keep every id that was ever recorded, under its name', () => {
    expect(goneIds(catalogue, lock)).toEqual([]);
    expect(unlockedIds(catalogue, lock)).toEqual([]);
  });
});

describe('createCatalogue', () => {
  const catalogue = createCatalogue(BASE_CODES, sampleCodes.entries);

  it('finds an entry by id or name in any case', () => {
    for (const text of ['SMP-002', 'smp-002', ' SampleUnlikely ', 'sampleunlikely']) {
      expect(catalogue.find(text)).toMatchObject({ found: true, entry: { id: 'SMP-002' } });
    }
  });

  it('names the nearest entry for a typo, and none for something else altogether', () => {
    expect(catalogue.find('SampelUnlikly')).toMatchObject({
      found: false,
      nearest: { id: 'SMP-002' },
    });
    expect(catalogue.find('SNP-002')).toMatchObject({ found: false, nearest: { id: 'SMP-002' } });
    expect(catalogue.find('quarterly report')).toEqual({ found: false, nearest: null });
    expect(catalogue.find('x'.repeat(100_000))).toEqual({ found: false, nearest: null });
    expect(catalogue.find('')).toEqual({ found: false, nearest: null });
  });

  it('lists the entries by id', () => {
    const ids = catalogue.entries.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort());
  });

  it('does not take a property of every object for a code', () => {
    expect(catalogue.get('constructor')).toBeUndefined();
    expect(() => catalogue.entryOf({ code: 'toString' })).toThrow('no entry');
  });

  it.each<[string, Record<string, Entry>[], string]>([
    ['a name given twice', [{ A1: sample }, { A1: { ...alert, id: 'SMP-009' } }], 'same id'],
    ['an id given twice', [{ A1: sample }, { B1: sample }], 'same id'],
    ['an id of the wrong shape', [{ A1: { ...sample, id: 'SMP1' } }], 'prefix'],
    ['an unknown parameter', [{ A1: { ...sample, log: '{nothing}' } }], 'unknown parameter'],
    ['one of every object', [{ A1: { ...sample, log: '{toString}' } }], 'unknown parameter'],
    ['an internal one for the user', [{ A1: { ...sample, message: '{table}' } }], 'internal'],
    ['an internal one in the action', [{ A1: { ...sample, action: '{table}' } }], 'internal'],
    ['phi in the log', [{ A1: { ...sample, log: '{value}' } }], 'phi'],
    ['an example that lacks one', [{ A1: { ...sample, example: {} } }], 'example lacks'],
    ['a fault released by a person', [{ A1: { ...fault, release: 'reason' } }], 'replay'],
    ['a fault that is a warning', [{ A1: { ...fault, type: 'warning' } }], 'type error'],
    ['an alert that holds nothing', [{ A1: { ...alert, release: 'none' } }], 'waits for a person'],
    ['a finding that is retried', [{ A1: { ...sample, retry: 'dependency' } }], 'not retried'],
  ])('refuses %s', (_, parts, message) => {
    expect(() => createCatalogue(...parts)).toThrow(message);
  });
});

describe('the checks for any catalogue', () => {
  const defectsOf = (entry: Entry): string =>
    catalogueDefects(createCatalogue({ A1: entry })).join();

  it.each<[string, Partial<Entry>, string]>([
    ['a message without a full stop', { message: 'has {limit}, {length}' }, 'full stop'],
    ['an action that is a statement', { action: 'The file is too long.' }, 'not with a verb'],
    ['an action that is polite', { action: 'Please shorten it.' }, 'not with a verb'],
    ['an empty field', { title: ' ' }, 'title is empty'],
    ['an empty runbook', { runbook: { ...sample.runbook, fix: '' } }, 'runbook.fix'],
    ['a message that shouts', { message: 'Oops, too long.' }, 'shouts'],
    ['a status of success', { status: 42 }, 'status 42'],
  ])('tell %s', (_, change, defect) => {
    expect(defectsOf(sample)).toBe('');
    expect(defectsOf({ ...sample, ...change })).toContain(defect);
  });

  it('tell an id that is gone, one that was renamed, and one that is new', () => {
    const before = { ids: { 'SMP-001': 'A1', 'SMP-002': 'Old', 'SMP-007': 'Gone' } };
    const now = createCatalogue({ A1: sample, New: alert, A3: { ...sample, id: 'SMP-003' } });
    expect(goneIds(now, before)).toEqual([
      expect.stringContaining('SMP-002 was Old and is New'),
      expect.stringContaining('SMP-007 Gone is gone'),
    ]);
    expect(unlockedIds(now, before)).toEqual(['"SMP-003": "A3"']);
    expect(goneIds(now, lockOf(now))).toEqual([]);
  });
});

describe('editDistance', () => {
  it('counts a swap of neighbours once', () => {
    expect(editDistance('ab', 'ba')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('abc', 'abc')).toBe(0);
  });
});
