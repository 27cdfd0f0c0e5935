import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadOrCreateProjectKey, type ProjectKey } from '../../../identity/keys.ts';
import type { FormValues } from '../record.ts';
import { compareVisits, visitOf } from '../subject.ts';
import { subjectKeysSchema } from '../study.ts';
import { packVisits, unpackVisits, type KeptVisit, type VisitRead } from './kept-visit.ts';
import { SubjectHistory } from './subject-history.ts';
import { Timeline } from './timeline.ts';
import { LazyDigest, ValueDigests } from './value-digest.ts';

const RUN = '01990000-0000-7000-8000-000000000001';

const digestOf = (what: string) => LazyDigest.known(`digest of ${what}`);

function version(visit: string, given: Partial<KeptVisit> = {}): KeptVisit {
  return {
    ...{ id: `${RUN}/${visit}`, subject: '1|A', module: 'UDS', visit, date: `202${visit}-01-01` },
    ...{ values: {}, digest: digestOf(visit), recipe: 'recipe', standing: 'delivered' },
    ...{ reads: [], ...given },
  };
}

function valued(values: FormValues): Pick<KeptVisit, 'values' | 'digest'> {
  return { values, digest: LazyDigest.of(values) };
}

/** With digests as texts, whether they were made already or not. */
function plain(version: KeptVisit) {
  const reads = version.reads.map((read) => ({ ...read, digest: read.digest?.text ?? null }));
  return { ...version, reads, digest: version.digest.text };
}

describe('a timeline', () => {
  const timeline = new Timeline();
  for (const visit of ['3', '1', '2']) timeline.put(version(visit));
  const found = (which: 'previous' | 'initial', visit: string, filled: string[] = []) =>
    timeline.find(which, filled, version(visit))?.visit ?? null;

  it('finds the visit before and the first one, whatever order they came in', () => {
    expect([found('previous', '3'), found('initial', '3')]).toEqual(['2', '1']);
    expect([found('previous', '1'), found('initial', '1')]).toEqual([null, null]);
  });

  it('passes over visits that were recalled, or fail in review, or lack a field', () => {
    timeline.put(version('2', { standing: 'recalled' }));
    expect(found('previous', '3')).toBe('1');
    timeline.put(version('2', { values: { a: 0, b: '' } }));
    expect([found('previous', '3', ['a']), found('previous', '3', ['b'])]).toEqual(['2', null]);
  });

  it('knows a version that another one has taken the place of', () => {
    timeline.put(version('2', { digest: digestOf('newer') }));
    expect(timeline.hasReplaced('2', digestOf('2'))).toBe(true);
    expect(timeline.hasReplaced('2', digestOf('newer'))).toBe(false);
  });
});

describe('what an evaluation has looked at', () => {
  const read = (what: string | null): VisitRead => ({
    ...{ visit: 'previous', module: 'UDS', filled: [], id: null },
    digest: what === null ? null : digestOf(what),
  });

  it('is stale when the visit is another one by its values, and not by its id', () => {
    const history = new SubjectHistory();
    history.put(version('1'));
    expect(history.isStale([read('1')], version('2'))).toBe(false);
    expect(history.isStale([read(null)], version('2'))).toBe(true);
    history.put(version('1', { id: 'another/1' }));
    expect(history.isStale([read('1')], version('2'))).toBe(false);
    history.put(version('1', { digest: digestOf('other values') }));
    expect(history.isStale([read('1')], version('2'))).toBe(true);
  });

  it('is stale when the same visit of another module comes, or is recalled', () => {
    const history = new SubjectHistory();
    const same: VisitRead = { ...read(null), visit: 'same', module: 'NP' };
    expect(history.isStale([same], version('1'))).toBe(false);
    history.put(version('1', { module: 'NP' }));
    expect(history.isStale([same], version('1'))).toBe(true);
    history.put(version('1', { module: 'NP', standing: 'recalled' }));
    expect(history.isStale([same], version('1'))).toBe(false);
  });
});

describe('kept versions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lazaret-history-'));
  let key: ProjectKey;
  beforeAll(async () => {
    const request = { folder, project: 'p', random: randomBytes, now: () => new Date(0) };
    ({ key } = await loadOrCreateProjectKey(request));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('come out as they went in, with what they have looked at', () => {
    const filled = ['a', 'b'];
    const values = { a: 1, b: 'x', c: true };
    const first = version('1', { values, digest: LazyDigest.of(values) });
    const { id, digest } = first;
    const reads: VisitRead[] = [
      { ...{ visit: 'previous', module: 'UDS', filled, id, digest } },
      {
        ...{
          visit: 'initial',
          module: 'UDS',
          filled: [],
          id: 'elsewhere/9',
          digest: digestOf('d'),
        },
      },
      { ...{ visit: 'same', module: 'NP', filled: [], id: null, digest: null } },
    ];
    const versions = [first, version('2', { id: 'other/2', reads, ...valued({ c: 2.5 }) })];
    const packed = packVisits(key, { run: RUN, recipe: 'recipe' }, versions);
    expect(unpackVisits(key, packed).map(plain)).toEqual(versions.map(plain));
    expect(unpackVisits(key, packed, new Set(['1|B']))).toEqual([]);
    expect(Buffer.from(packed).includes('UDS')).toBe(false);
  });
});

describe('the order of visits', () => {
  const keys = subjectKeysSchema.parse({});
  const visit = fc.record({
    visitnum: fc.constantFrom('', '1', '02', '2', '10', 'A', 'final', null),
    visitdate: fc.constantFrom('', '2024-01-02', '2024-01-10', '01/05/2024', '2024', 'soon', null),
  });
  const about = visit.map((values) => visitOf({ values }, keys));

  it('is total', () => {
    fc.assert(
      fc.property(about, about, about, (a, b, c) => {
        expect(Math.sign(compareVisits(a, b))).toBe(-Math.sign(compareVisits(b, a)) + 0);
        if (compareVisits(a, b) <= 0 && compareVisits(b, c) <= 0) {
          expect(compareVisits(a, c)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });

  it('goes by date, on one day by number, and puts what has no date behind', () => {
    const order = (...visits: readonly (readonly [string, string])[]) =>
      visits
        .map(([visitnum, visitdate]) => visitOf({ values: { visitnum, visitdate } }, keys))
        .toSorted(compareVisits)
        .map((one) => one.visit);
    expect(order(['10', '2024-01-02'], ['9', '2024-01-02'], ['1', '2025-01-02'])).toEqual([
      ...['9', '10', '1'],
    ]);
    expect(order(['3', ''], ['1', 'soon'], ['7', '12/31/2024'])).toEqual(['7', '1', '3']);
  });

  it('names a visit without a number by its date, and takes 02 for 2', () => {
    expect(visitOf({ values: { visitdate: '2024-01-02' } }, keys).visit).toBe('2024-01-02');
    expect(visitOf({ values: { visitnum: '02', ptid: ' 0A', adcid: 1 } }, keys)).toEqual({
      ...{ subject: '1|A', visit: '2', date: '' },
    });
  });
});

describe('the digest of values', () => {
  const values = fc.dictionary(
    fc.constantFrom('a', 'b', 'ab', 'c:', '1'),
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
  );

  it('is the same for the same values in any order, and for blanks that are left out', () => {
    fc.assert(
      fc.property(values, fc.array(values), (one, others) => {
        const digests = new ValueDigests();
        for (const other of others) digests.of(other);
        const turned = Object.fromEntries(
          Object.entries(one)
            .filter(([, value]) => value !== null)
            .toReversed(),
        );
        expect(digests.of(turned)).toBe(new ValueDigests().of(one));
      }),
    );
  });

  it('is another one for other values', () => {
    const digests = new ValueDigests();
    const texts = [{ a: '1' }, { a: 1 }, { a: true }, { a: 'true' }, { a: '1b' }, { a: '1', b: 1 }];
    expect(new Set(texts.map((one) => digests.of(one))).size).toBe(texts.length);
  });
});
