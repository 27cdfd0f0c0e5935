/**
 * A thousand held images, as the person meets them who has to see to them. With LAZARET_CAPTURE set
 * to a path, everything that was typed and printed is written there.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DecidedDocument, DryRunDocument } from '../../src/cli/held-decisions.ts';
import { defaultPolicy } from '../../src/pipelines/imaging/policy.ts';
import { documentOf, lazaret, makeHome, type Ended, type Home } from './process.ts';
import { SITES, writeThousand } from './held-thousand.ts';

let home: Home;
const captured: string[] = [];

/** The longest that a person is kept waiting by a command over a thousand images, milliseconds. */
const PATIENCE_MS = 60_000;

async function type(...args: readonly string[]): Promise<Ended> {
  const begun = performance.now();
  const ended = await lazaret(home, [...args, '--data', 'data'], { TZ: 'Europe/Berlin' });
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  const shown = args.map((arg) => (/[ "]/.test(arg) ? `"${arg}"` : arg)).join(' ');
  captured.push(`$ lazaret ${shown}   # ${seconds} s, exit ${ended.exit}\n${ended.stdout}`);
  if (ended.exit !== 0) captured.push(ended.stderr);
  expect(performance.now() - begun).toBeLessThan(PATIENCE_MS);
  return ended;
}

async function document<Document>(...args: readonly string[]): Promise<Document> {
  const ended = await lazaret(home, [...args, '--data', 'data', '--json']);
  return documentOf(ended) as Document;
}

beforeAll(async () => {
  home = makeHome();
  expect(writeThousand(home.source)).toEqual({
    ultrasound: 600,
    annotated: 150,
    both: 50,
    nobody: 200,
  });
  for (const site of SITES) {
    await lazaret(home, [
      'run',
      'imaging',
      join(home.source, site),
      '--out',
      home.out,
      '--data',
      'data',
      '--site',
      site,
    ]);
  }
  const policy = { ...defaultPolicy(), version: '2', modalities: ['CT', 'MR', 'US'] };
  writeFileSync(join(home.folder, 'policy-2.json'), JSON.stringify(policy));
}, 240_000);

afterAll(() => {
  const path = process.env['LAZARET_CAPTURE'];
  if (path !== undefined) writeFileSync(path, captured.join('\n'));
  home.remove();
});

describe('a thousand held images', () => {
  it('are counted exactly, and listed in parts that say so', { timeout: 120_000 }, async () => {
    const list = await type('held', 'list');
    expect(list.stdout).toContain('1,000 items');
    expect(list.stdout).toContain('50 of 1,000 are shown');
    for (const by of ['code', 'site', 'age']) await type('held', 'list', '--by', by);
    const groups = await document<{ group: string; count: number }[]>(
      'held',
      'list',
      '--by',
      'code',
    );
    expect(groups.map(({ group, count }) => [group, count])).toEqual([
      ['IMG-004', 650],
      ['IMG-014', 200],
      ['IMG-005', 150],
    ]);
    await type('held', 'list', '--site', 'west', '--code', 'IMG-014', '--limit', '3');
    const all = await document<unknown[]>('held', 'list');
    expect(all).toHaveLength(1_000);
    const ultrasound = await document<unknown[]>('held', 'list', '--where', 'modality=us');
    expect(ultrasound).toHaveLength(650);
  });

  it(
    'can be tried under another policy, and nothing comes of it',
    { timeout: 120_000 },
    async () => {
      await type('held', 'replay', '--code', 'IMG-004', '--policy', 'policy-2.json', '--dry-run');
      const dry = await document<DryRunDocument>(
        'held',
        'replay',
        '--older-than',
        '0m',
        '--policy',
        'policy-2.json',
        '--dry-run',
      );
      await type('held', 'replay', '--older-than', '0m', '--policy', 'policy-2.json', '--dry-run');
      expect(dry.lookedUpTo).toBe('verify');
      const counts = dry.cleared.map(({ id, items, cleared, others }) => [
        id,
        items,
        cleared,
        ...others.map((other) => `${other.count} ${other.stands} ${other.id}`),
      ]);
      expect(counts).toEqual([
        ['IMG-004', 650, 600, '50 held IMG-005'],
        ['IMG-014', 200, 0, '200 held IMG-014'],
        ['IMG-005', 150, 0, '150 held IMG-005'],
      ]);
    },
  );

  it(
    'are released where that is allowed, and the result says what is left',
    { timeout: 240_000 },
    async () => {
      const reason = ['--reason', 'phantoms, no text in the pixels'];
      expect((await type('held', 'release', '--site', 'north', ...reason)).exit).toBe(2);
      await type('held', 'release', '--site', 'north', '--dry-run');
      const anna = ['--user', 'anna'];
      const released = await type(
        'held',
        'release',
        '--site',
        'north',
        '--allowed-only',
        ...reason,
        ...anna,
      );
      expect(released.stdout).toContain('300 images released by anna');
      expect(released.stdout).toContain('60 images wait for a second person');
      expect(released.stdout).toContain(
        'lazaret held release --site north --allowed-only --reason "…" --user "…" --data data',
      );
      await type(
        'held',
        'release',
        '--site',
        'north',
        '--code',
        'IMG-005',
        ...reason,
        '--user',
        'bernd',
      );
      const left = await document<{ group: string; count: number }[]>(
        'held',
        'list',
        '--by',
        'site',
      );
      expect(left.map(({ group, count }) => [group, count])).toEqual([
        ['south', 340],
        ['west', 280],
        ['north', 20],
      ]);
      await type(
        'held',
        'replay',
        '--code',
        'IMG-004',
        '--policy',
        'policy-2.json',
        '--user',
        'anna',
      );
      const after = await document<DecidedDocument>(
        'held',
        'replay',
        '--code',
        'IMG-014',
        '--policy',
        'policy-2.json',
      );
      expect(after.cleared.map(({ id, items, cleared }) => [id, items, cleared])).toEqual([
        ['IMG-014', 200, 0],
      ]);
      const [item] = await document<{ item: string }[]>('held', 'list', '--code', 'IMG-014');
      const shown = await type('held', 'show', item?.item ?? '');
      // Decided about an earlier life of it, and told all the same.
      expect(shown.stdout).toMatch(/What was decided\n {2}\S+ \S+ \S+ {2}replay by /);
      await type('held', 'list', '--by', 'code');
    },
  );
});
