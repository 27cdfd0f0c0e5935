import { BASE_CODES, createCatalogue, createTabLine } from '@lazaret/faults';
import { hostileCharacter } from '@lazaret/faults/testing';
import { describe, expect, it } from 'vitest';
import { engineCodes } from '../../engine/codes.ts';
import { imagingCodes } from '../../pipelines/imaging/codes.ts';
import { renderFindings, renderLogs } from './finding-list.ts';
import type { Grouping, HeldGroup } from '../../engine/selection.ts';
import { renderHeldGroups } from './held-groups.ts';
import { renderHeld, renderHeldItem } from './held-list.ts';
import type {
  BatchListRow,
  FindingListRow,
  HeldItem,
  HeldListRow,
  ListContext,
  RunListRow,
} from './rows.ts';
import { renderBatches, renderRuns } from './run-list.ts';
import { createStyle } from './style.ts';
import { displayWidth } from './text-width.ts';

const catalogue = createCatalogue(BASE_CODES, engineCodes.entries, imagingCodes.entries);
const now = new Date('2026-07-01T12:00:00Z');
const before = new Date('2026-07-01T11:57:00Z');
const context = (width = 120, colour = false): ListContext => ({
  style: createStyle({ colour, unicode: true, width }),
  catalogue,
  now,
});
const HOSTILE = 'x\u001b]0;title\u0007\n\u202ey';

const RUN: RunListRow = {
  run: 'r_8k2f',
  pipeline: 'imaging',
  status: 'complete',
  startedAt: before,
  elapsedSeconds: 12.3,
  items: {
    received: 1619,
    delivered: 1561,
    held: 41,
    rejected: 9,
    skipped: 0,
    duplicate: 8,
    pending: 0,
  },
};
const BATCH: BatchListRow = {
  run: 'r_8k2f',
  ordinal: 1,
  stage: 'import',
  status: 'done',
  hasError: false,
  items: 130,
  attempt: 1,
  elapsedSeconds: 3,
  megabytesPerHour: null,
  reason: null,
};
const FINDING: FindingListRow = {
  code: 'ModalityNotAccepted',
  type: 'warning',
  count: 1,
  item: 'r_8k2f/18',
  place: { item: 18, tag: '(0008,0060)' },
  parameters: { modality: 'US', accepted: ['CT', 'MR'] },
};
const HELD: HeldListRow = {
  item: 'r_8k2f/18',
  code: 'ModalityNotAccepted',
  stage: 'release',
  site: 'north',
  heldAt: before,
};
const ITEM: HeldItem = {
  ...HELD,
  pipeline: 'imaging',
  step: 'screen',
  disposition: 'held',
  digest: 'ab12',
  facts: { modality: 'US', bytes: 12_345 },
  findings: [FINDING],
  decisions: [],
  sameAs: null,
  revealed: null,
};

describe('the list of runs', () => {
  it('shows how each run stands, with columns for what occurs', () => {
    expect(renderRuns([RUN], context())).toBe(
      `run     pipeline  status    started        elapsed  received  delivered  held  rejected  duplicate
r_8k2f  imaging   complete  3 minutes ago     0:12     1,619      1,561    41         9          8
`,
    );
  });

  it('paints a status, what is held, and zeros in grey', () => {
    const run: RunListRow = { ...RUN, status: 'failed', items: { ...RUN.items, rejected: 0 } };
    const text = renderRuns([run], context(120, true));
    expect(text).toContain('\u001b[31mfailed\u001b[39m');
    expect(text).toContain('\u001b[33m41\u001b[39m');
    expect(text).toContain('\u001b[38;5;244m0\u001b[39m');
  });

  it('keeps what is held and the status where space is short', () => {
    const text = renderRuns([RUN], context(40));
    expect(text).toMatch(/^run +status +.*held/);
    for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(40);
  });

  it('says why it is empty and what to do', () => {
    expect(renderRuns([], context())).toMatch(
      /no runs in this store yet\. Start one with lazaret run/,
    );
    expect(renderRuns([], { ...context(), filters: ['--status failed'] })).toBe(
      'No run fits --status failed. Leave one of these out to see more.\n',
    );
  });
});

describe('the list of batches', () => {
  it('shows no columns that say nothing', () => {
    expect(renderBatches([BATCH], context())).toBe(
      'batch  stage   status  items  elapsed  error\n    1  import  done      130     0:03\n',
    );
  });

  it('names the code of an error and where it is explained', () => {
    const reason = { code: 'WorkerDied', id: 'ENG-001', message: '', action: '' };
    const rows: BatchListRow[] = [
      { ...BATCH, hasError: true },
      {
        ...BATCH,
        run: 'r_9zzz',
        ordinal: 2,
        status: 'error',
        attempt: 5,
        reason,
        elapsedSeconds: null,
      },
    ];
    const lines = renderBatches(rows, context()).split('\n');
    expect(lines[1]).toMatch(/^r_8k2f .* in findings$/);
    expect(lines[2]).toMatch(/^r_9zzz +2 +import +error +130 +5 +ENG-001$/);
    expect(lines).toContain('lazaret explain ENG-001');
  });

  it('says why it is empty', () => {
    expect(renderBatches([], context())).toContain('nothing has arrived');
  });
});

describe('the list of findings', () => {
  it('tells each finding as a sentence, the place in it and the item beside it', () => {
    const text = renderFindings([FINDING], context(200));
    expect(text).toContain(
      'IMG-004  warning  r_8k2f/18  (0008,0060): The modality US is not accepted; accepted are CT, MR. Release',
    );
  });

  it('tells several at once by their title and count', () => {
    const row = { ...FINDING, count: 1038, item: null, place: {}, parameters: null };
    expect(renderFindings([row], context())).toBe(
      'code     type     count  what\nIMG-004  warning  1,038  The modality is not accepted.\n',
    );
  });

  it('puts the sentence below on a narrow terminal and loses none of it', () => {
    const text = renderFindings([FINDING], context(40));
    for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(40);
    expect(text.replaceAll(/\s+/g, ' ')).toContain('accepted are CT, MR. Release the image');
  });

  it('shows a code of another version as it is', () => {
    expect(renderFindings([{ ...FINDING, code: HOSTILE }], context())).toContain(
      'x\\u001b]0;title',
    );
  });

  it('says why it is empty', () => {
    expect(renderFindings([], context())).toContain('nothing was wrong');
  });
});

describe('what is held', () => {
  it('is listed with the reason, the age and the way out', () => {
    expect(
      renderHeld([HELD, { ...HELD, item: 'r_8k2f/9', code: 'IdentifierInOutput' }], context()),
    ).toBe(
      `item       code     why                                                  stage    site   held           let go
r_8k2f/18  IMG-004  The modality is not accepted                         release  north  3 minutes ago  with a reason
r_8k2f/9   IMG-011  An identifier of the patient is found in the output  release  north  3 minutes ago  by replay
`,
    );
  });

  it('keeps item, code and reason on a narrow terminal', () => {
    const text = renderHeld([HELD], context(40));
    expect(text).toMatch(/^item +code +why\nr_8k2f\/18 {2}IMG-004 {2}The modality is not…\n/);
  });

  it('says that nothing is held as good news', () => {
    expect(renderHeld([], context())).toMatch(/^Nothing is held\. Whatever came in was delivered/);
  });

  it('is told in full for one item', () => {
    const text = renderHeldItem(
      { ...ITEM, decisions: [{ kind: 'replay', by: 'anna', at: before, reason: 'new policy' }] },
      context(),
    );
    expect(text).toMatch(/^◼ r_8k2f\/18 {3}held\n/);
    for (const line of [
      '  why       The modality is not accepted (IMG-004)',
      '  since     3 minutes ago, 2026-07-01 11:57Z',
      '  where     imaging, stage release, step screen',
      '  size      12 kB',
      '  let go    a person may let it go, with a reason',
      '  2026-07-01 11:57Z  replay by anna: new policy',
      'next   lazaret held release r_8k2f/18 --reason "…"',
      '       lazaret held replay r_8k2f/18',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).toContain('(0008,0060): The modality US is not accepted');
  });

  it('offers no release of what only a replay lets go', () => {
    const text = renderHeldItem({ ...ITEM, code: 'IdentifierInOutput', findings: [] }, context());
    expect(text).not.toContain('held release');
    expect(text).toContain('lazaret held replay r_8k2f/18');
    expect(text).toContain('  Nothing yet.');
  });

  it('offers neither for an item that is not held', () => {
    const text = renderHeldItem({ ...ITEM, disposition: 'rejected', code: 'NotDicom' }, context());
    expect(text).toMatch(/^✕ r_8k2f\/18 {3}rejected/);
    expect(text).not.toMatch(/held (release|replay)/);
    expect(text).toContain('next   lazaret explain IMG-002');
  });
});

describe('what is held, in groups', () => {
  const group = (name: string, release: 'reason' | 'replay', code = name): HeldGroup => ({
    group: name,
    count: 650,
    since: before.toISOString(),
    codes: [{ id: code, name: 'ModalityNotAccepted', title: 'Not accepted', count: 650, release }],
  });

  it('has the command for each group below it, whole on a narrow terminal', () => {
    const text = renderHeldGroups(
      [group('IMG-004', 'reason'), group('IMG-014', 'replay')],
      'code',
      { ...context(60), flags: '--data elsewhere' },
    );
    expect(text.split('\n')).toContain(
      '  next   lazaret held release --code IMG-004 --dry-run --data elsewhere',
    );
    expect(text).toContain('lazaret held replay --code IMG-014 --dry-run --data elsewhere\n');
    expect(text).not.toContain('Left out');
  });

  it('proposes nothing about items that were not asked for', () => {
    const filters = ['--code IMG-005', '--site north', '--where modality=US'];
    const commandFor = (by: Grouping, name: string): string =>
      renderHeldGroups([group(name, 'reason', 'IMG-004')], by, { ...context(), filters })
        .split('next   ')[1]
        ?.trim() ?? '';
    expect(commandFor('code', 'IMG-004')).toBe(
      'lazaret held release --code IMG-004 --site north --where modality=US --dry-run',
    );
    expect(commandFor('site', 'north wing')).toBe(
      "lazaret held list --by code --site 'north wing' --code IMG-005 --where modality=US",
    );
    expect(commandFor('age', 'older')).toBe(
      'lazaret held list --by code --older-than 31d --code IMG-005 --site north --where modality=US',
    );
  });

  it('does not widen an age that was asked for', () => {
    const filters = ['--older-than 60d'];
    expect(
      renderHeldGroups([group('older', 'reason')], 'age', { ...context(), filters }),
    ).toContain('lazaret held list --by code --older-than 60d\n');
  });
});

describe('the log', () => {
  const line = createTabLine('UTC')({ time: 0, level: 'error', logger: 'a.b', message: 'Down.' });

  it('is shown as it is', () => {
    expect(renderLogs([{ level: 'error', line }], context())).toBe(`${line}\n`);
    expect(line.split('\t')).toHaveLength(5);
  });

  it('has the colour of its level on a terminal', () => {
    const text = renderLogs(
      [
        { level: 'error', line },
        { level: 'info', line },
      ],
      context(80, true),
    );
    expect(text).toBe(`\u001b[31m${line}\u001b[39m\n${line}\n`);
  });

  it('says why it is empty', () => {
    const filters = ['--incident', HOSTILE];
    expect(renderLogs([], context())).toContain('nothing has run');
    expect(renderLogs([], { ...context(), filters })).toContain('fits --incident x\\u001b]0;');
  });
});

describe('every list', () => {
  it('lets nothing in its rows act on the terminal', () => {
    const reason = { code: HOSTILE, id: HOSTILE, message: HOSTILE, action: HOSTILE };
    const finding = { ...FINDING, code: HOSTILE, item: HOSTILE };
    const held = { ...HELD, item: HOSTILE, code: HOSTILE, stage: HOSTILE, site: HOSTILE };
    const item: HeldItem = {
      ...ITEM,
      ...held,
      pipeline: HOSTILE,
      step: HOSTILE,
      digest: HOSTILE,
      facts: { [HOSTILE]: HOSTILE, other: { [HOSTILE]: HOSTILE } },
      findings: [finding],
      decisions: [{ kind: 'clear', by: HOSTILE, at: now, reason: HOSTILE }],
      sameAs: HOSTILE,
      revealed: HOSTILE,
    };
    for (const width of [40, 120, Infinity]) {
      const texts = [
        renderRuns([{ ...RUN, run: HOSTILE, pipeline: HOSTILE }], context(width)),
        renderBatches([{ ...BATCH, stage: HOSTILE, run: HOSTILE, reason }], context(width)),
        renderFindings([finding], context(width)),
        renderHeld([held], context(width)),
        renderHeldItem(item, context(width)),
        renderLogs([{ level: 'info', line: HOSTILE }], context(width)),
      ];
      for (const line of texts.flatMap((text) => text.split('\n'))) {
        expect(hostileCharacter(line)).toBeNull();
      }
    }
  });
});
