import { BASE_CODES, createCatalogue } from '@lazaret/faults';
import { describe, expect, it } from 'vitest';
import { engineCodes } from '../../engine/codes.ts';
import type { RunSummary } from '../../engine/summary.ts';
import { imagingCodes } from '../../pipelines/imaging/codes.ts';
import type { CodeCount } from './rows.ts';
import { createStyle } from './style.ts';
import { renderSummary } from './summary.ts';
import { displayWidth } from './text-width.ts';

const catalogue = createCatalogue(BASE_CODES, engineCodes.entries, imagingCodes.entries);
const plain = (width = 120) => createStyle({ colour: false, unicode: true, width });

const NONE = {
  received: 0,
  delivered: 0,
  held: 0,
  rejected: 0,
  skipped: 0,
  duplicate: 0,
  pending: 0,
};
const RUN: RunSummary = {
  run: 'r_8k2f',
  pipeline: 'imaging',
  status: 'complete',
  reason: null,
  elapsedSeconds: 12.3,
  bytes: 855_393_142,
  megabytesPerHour: 250_358.9,
  expected: null,
  items: { ...NONE, received: 1619, delivered: 1561, held: 41, rejected: 9, duplicate: 8 },
  batches: { total: 12, done: 12, empty: 0, error: 0 },
  findings: [],
  deliveries: { count: 12, bytes: 118_234_567 },
};
const CODES: readonly CodeCount[] = [
  { disposition: 'held', code: 'ModalityNotAccepted', count: 38 },
  { disposition: 'rejected', code: 'NotDicom', count: 9 },
  { disposition: 'duplicate', code: 'SameInRun', count: 8 },
  { disposition: 'held', code: 'IdentifierInOutput', count: 3 },
];
const INTERRUPTED: RunSummary = {
  ...RUN,
  status: 'interrupted',
  reason: {
    code: 'RunStoppedByPerson',
    id: 'ENG-032',
    message: 'The run was stopped by SIGINT.',
    action: 'Resume it with lazaret resume when it suits.',
  },
  items: { ...RUN.items, delivered: 912, pending: 649 },
};

describe('the summary of a run', () => {
  it('says what became of everything, that the sum holds, and what to do next', () => {
    expect(renderSummary(RUN, CODES, catalogue, plain())).toBe(
      `    received   1,619
  ✓ delivered  1,561   12 archives, 118 MB
  ◼ held          41   38 modality not accepted (IMG-004) · 3 identifier of the patient found in the output (IMG-011)
  ✕ rejected       9   not readable as DICOM (IMG-002)
  ⧉ duplicate      8   same bytes arrived twice (ENG-012)
               ─────
               1,619   the sum holds

    took               0:12, 132 images/s, 855 MB received, 250,359 MB/h

  next   lazaret held list --run r_8k2f        lazaret explain IMG-011
`,
    );
  });

  it('says where the documents about its files lie, below the folder that it delivers to', () => {
    const run = {
      ...RUN,
      files: [
        { file: 1, status: 'FAIL', items: { pass: 7, fail: 2, inReview: 0, pending: 0 } } as const,
      ],
      documents: [
        { kind: 'qc', number: 1, key: 'default/QC/r_8k2f/1.json' },
        { kind: 'fix-list-page', number: 1, key: 'default/Fix/r_8k2f/site-1.html' },
      ],
    };
    const text = renderSummary(run, CODES, catalogue, plain(), { out: 'outgoing' });
    expect(text).toMatch(/^ {2}✕ file 1 +FAIL {3}2 fail, 7 pass$/m);
    expect(text).toMatch(/^ {4}QC +outgoing\/default\/QC\/r_8k2f\/$/m);
    expect(text).toMatch(/^ {4}fix lists +outgoing\/default\/Fix\/r_8k2f\/ · of 1 site$/m);
    const unknown = renderSummary(run, CODES, catalogue, plain());
    expect(unknown).toMatch(/^ {4}QC +default\/QC\/r_8k2f\/$/m);
  });

  it('is the same with colours, apart from them', () => {
    const colour = createStyle({ colour: true, unicode: true, width: 120 });
    const text = renderSummary(RUN, CODES, catalogue, colour);
    expect(text).toContain('\u001b[33m◼\u001b[39m \u001b[33mheld\u001b[39m ');
    expect(text).toContain('\u001b[31mrejected\u001b[39m');
    expect(text.replace(/\u001b\[[\d;]*m/g, '')).toBe(
      renderSummary(RUN, CODES, catalogue, plain()),
    );
  });

  it('has no line for what is zero, except for what was delivered', () => {
    const items = { ...NONE, received: 5, rejected: 5 };
    const text = renderSummary(
      { ...RUN, items, deliveries: { count: 0, bytes: 0 } },
      [],
      catalogue,
      plain(),
    );
    expect(text).toMatch(/^ {2}✓ delivered +0$/m);
    expect(text).not.toMatch(/held|skipped|duplicate|pending|batches|noted/);
    expect(text).toContain('lazaret findings --run r_8k2f');
  });

  it('proposes nothing where everything went well', () => {
    const items = { ...NONE, received: 5, delivered: 5 };
    expect(renderSummary({ ...RUN, items }, [], catalogue, plain())).not.toContain('next');
  });

  it('names the three largest codes of many and counts the others', () => {
    const names = ['FileEmpty', 'NotDicom', 'FileTruncated', 'FileMalformed', 'DicomDirectory'];
    const codes = names.map((code, at) => ({ disposition: 'rejected', code, count: at + 1 }));
    const items = { ...NONE, received: 15, rejected: 15 };
    const text = renderSummary({ ...RUN, items }, codes, catalogue, plain(200));
    const line = text.split('\n').find((each) => each.includes('rejected'));
    expect(line).toMatch(
      /15 {3}5 .*\(IMG-010\) · 4 .*\(IMG-007\) · 3 .*\(IMG-003\) · and 2 more codes$/,
    );
  });

  it('says loudly that the sum does not hold, and proposes to look into that alone', () => {
    const text = renderSummary(
      { ...RUN, items: { ...RUN.items, delivered: 1560 } },
      CODES,
      catalogue,
      plain(),
    );
    expect(text).not.toContain('the sum holds');
    expect(text).toContain('1,618   THE SUM DOES NOT HOLD: received 1,619. 1 image missing.');
    expect(text).toMatch(/next {3}lazaret explain ENG-020 +lazaret logs --run r_8k2f\n$/);
    expect(text).not.toContain('held list');
  });

  it('does not call a sum sound that is made up with what is pending in a complete run', () => {
    const items = { ...NONE, received: 5, delivered: 4, pending: 1 };
    expect(renderSummary({ ...RUN, items }, [], catalogue, plain())).toContain('DOES NOT HOLD');
  });

  it('begins with the reason where the run is not complete, and proposes to resume it', () => {
    const text = renderSummary(INTERRUPTED, CODES, catalogue, plain());
    expect(text.split('\n')[0]).toBe(
      '  interrupted   The run was stopped by SIGINT. Resume it with lazaret resume when it suits. (ENG-032)',
    );
    expect(text).toContain('  … pending      649   wait until the run is resumed');
    expect(text).toContain('the sum holds');
    expect(text).toContain('  next   lazaret resume r_8k2f ');
  });

  it('has a line for batches where one is empty or in error', () => {
    const batches = { total: 12, done: 9, empty: 2, error: 1 };
    const text = renderSummary({ ...RUN, batches }, CODES, catalogue, plain());
    expect(text).toContain('    batches       12   9 done, 2 empty, 1 in error');
    expect(text).toContain('lazaret batches --run r_8k2f --status error');
  });

  it('notes findings that stopped no item, such as a folder that could not be listed', () => {
    const findings = [
      { id: 'IMG-020', name: 'FolderNotReadable', type: 'error', count: 2 },
      { id: 'IMG-004', name: 'ModalityNotAccepted', type: 'warning', count: 38 },
    ] as const;
    const text = renderSummary({ ...RUN, findings }, CODES, catalogue, plain());
    expect(text).toMatch(/^ {4}noted +2 folder cannot be listed \(IMG-020\)$/m);
  });

  it('has a sentence for an empty source, not a table of zeros', () => {
    const text = renderSummary({ ...RUN, items: NONE }, [], catalogue, plain());
    expect(text).toBe(
      '  The source has no items at all. Check that the right place was given. (ENG-050)\n',
    );
  });

  it('tells what was found on the way where nothing came in', () => {
    const findings = [
      { id: 'IMG-020', name: 'FolderNotReadable', type: 'error', count: 1 },
    ] as const;
    const text = renderSummary({ ...RUN, items: NONE, findings }, [], catalogue, plain());
    expect(text).toMatch(
      /No images came in\.\n\n {4}noted +1 folder cannot be listed \(IMG-020\)\n$/,
    );
  });

  it('passes the flags on to commands that open a store, and to no other', () => {
    const text = renderSummary(RUN, CODES, catalogue, plain(), { flags: '--data elsewhere' });
    expect(text).toContain('lazaret held list --run r_8k2f --data elsewhere');
    expect(text).toMatch(/lazaret explain IMG-011\n$/);
  });

  it.each([40, 60, 80])(
    'fits into %d columns, commands apart, which are to be copied whole',
    (width) => {
      for (const run of [RUN, INTERRUPTED, { ...RUN, items: { ...RUN.items, delivered: 1 } }]) {
        const [said = ''] = renderSummary(run, CODES, catalogue, plain(width)).split('  next');
        for (const line of said.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(said.replaceAll(/\s+/g, ' ')).toContain('found in the output (IMG-011)');
      }
    },
  );

  it('lets nothing act that a stored reason or an unknown code brings along', () => {
    const reason = { code: 'X', id: 'X', message: 'a\u001b[2J', action: '\u202e' };
    const codes = [{ disposition: 'held', code: '\u001b[31mX', count: 41 }];
    const text = renderSummary({ ...RUN, status: 'failed', reason }, codes, catalogue, plain());
    expect(text).not.toContain('\u001b');
    expect(text).toContain('a\\u001b[2J \\u202e (X)');
  });
});
