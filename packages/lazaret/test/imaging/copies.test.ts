/** Copies of originals: who is copied, what a replay reads, and when a copy goes. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { el } from '../../../../fixtures/dicom/build.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { DecidedDocument } from '../../src/cli/held-decisions.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import type { CopyRules } from '../../src/engine/pipeline.ts';
import { buildSample } from '../../src/pipelines/imaging/dicom/deidentify-sample.ts';
import {
  documentAs,
  filesBelow,
  openWorkbench,
  quietSession,
  type Workbench,
} from './workbench.ts';

const uid = (number: number): string => `1.2.826.0.1.3680043.8.498.${number}`;
const MUCH = 1_000_000_000;

let bench: Workbench;

beforeEach(async () => {
  bench = await openWorkbench();
  mkdirSync(bench.source, { recursive: true });
  const write = (name: string, bytes: Uint8Array | string): void =>
    writeFileSync(join(bench.source, name), bytes);
  write('sound.dcm', buildSample([el('00080018', 'UI', uid(1))]));
  write('held.dcm', buildSample([el('00080018', 'UI', uid(2)), el('00080060', 'CS', 'US')]));
  write('notes.txt', 'no image');
});
afterEach(() => bench.close());

const copies = (): string[] => {
  try {
    return readdirSync(join(bench.data, 'copies'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
};

const run = (rules: CopyRules): Promise<RunSummary> => bench.run({ settings: { copies: rules } });

async function decide(kind: 'release' | 'replay'): Promise<DecidedDocument> {
  return documentAs(
    await COMMANDS['held decide'](
      bench.application,
      {
        kind,
        selection: { project: 'default', code: 'ModalityNotAccepted' },
        reason: 'looked at',
        user: 'anna',
        dryRun: false,
        strict: false,
        maxPauseSeconds: 1,
      },
      quietSession(),
    ),
  );
}

describe('copies of originals', () => {
  it.each([
    ['never', 0],
    ['onError', 1],
    ['always', 3],
  ] as const)('are kept %s: %i of a sound, a held and a rejected file', async (keep, count) => {
    await run({ keep, maxBytes: MUCH });
    expect(copies()).toHaveLength(count);
    const original = readFileSync(join(bench.source, 'held.dcm'));
    for (const path of copies()) {
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(readFileSync(path).includes(original.subarray(200, 232))).toBe(false);
    }
    const rows = await bench.application.store.db.selectFrom('lazaret.copy').selectAll().execute();
    expect(rows.map(({ state }) => state)).toEqual(Array.from({ length: count }, () => 'kept'));
  });

  it('are read by a replay when the original is gone, and go when it is delivered', async () => {
    await run({ keep: 'onError', maxBytes: MUCH });
    rmSync(join(bench.source, 'held.dcm'));
    const replayed = await decide('replay');
    expect(replayed.cleared).toMatchObject([{ id: 'IMG-004', cleared: 0 }]);
    expect(replayed.runs[0]?.findings.map(({ name }) => name)).toEqual([
      'ReadFromCopy',
      'ModalityNotAccepted',
    ]);
    expect(copies()).toHaveLength(1);
    const before = filesBelow(bench.out).size;
    const released = await decide('release');
    expect(released.cleared).toMatchObject([{ id: 'IMG-004', cleared: 1 }]);
    expect(filesBelow(bench.out).size).toBe(before + 1);
    expect(copies()).toEqual([]);
  });

  it('are read when the original was changed, and the original itself when it was not', async () => {
    await run({ keep: 'onError', maxBytes: MUCH });
    const sound = await decide('replay');
    expect(sound.runs[0]?.findings.map(({ name }) => name)).toEqual(['ModalityNotAccepted']);
    writeFileSync(join(bench.source, 'held.dcm'), 'something else altogether');
    const { runs } = await decide('release');
    expect(runs[0]?.items).toMatchObject({ delivered: 1 });
    expect(runs[0]?.findings.map(({ name }) => name)).toContain('ReadFromCopy');
  });

  it('that are damaged hold the item, and the original put back lets it go', async () => {
    await run({ keep: 'onError', maxBytes: MUCH });
    const original = readFileSync(join(bench.source, 'held.dcm'));
    rmSync(join(bench.source, 'held.dcm'));
    const [path = ''] = copies();
    const bytes = readFileSync(path);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const { cleared } = await decide('replay');
    expect(cleared).toMatchObject([{ others: [{ stands: 'held', name: 'CopyDamaged' }] }]);
    writeFileSync(join(bench.source, 'held.dcm'), original);
    const again = await COMMANDS['held decide'](
      bench.application,
      {
        kind: 'replay',
        selection: { project: 'default', code: 'CopyDamaged' },
        reason: null,
        user: 'anna',
        dryRun: true,
        strict: false,
        maxPauseSeconds: 1,
      },
      quietSession(),
    );
    expect(again.document).toMatchObject({ cleared: [{ others: [{ id: 'IMG-004' }] }] });
  });

  it('stop at their limit with a warning, and the item is held all the same', async () => {
    const summary = await run({ keep: 'onError', maxBytes: 0 });
    expect(summary.status).toBe('complete');
    expect(summary.items).toMatchObject({ held: 1, delivered: 1, rejected: 1 });
    expect(summary.findings.map(({ name }) => name)).toContain('CopyNotKept');
    expect(copies()).toEqual([]);
  });
});
