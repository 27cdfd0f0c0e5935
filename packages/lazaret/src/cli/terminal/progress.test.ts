import { manualClock, type ManualClock } from '@lazaret/faults/testing';
import { describe, expect, it } from 'vitest';
import { createProgress, type ProgressOptions, type TerminalProgress } from './progress.ts';
import { progressStages } from './stage-progress.ts';
import { createStyle } from './style.ts';
import { displayWidth } from './text-width.ts';

const STAGES = ['import', { name: 'de-identify', passes: 2 }];

interface Watched {
  readonly progress: TerminalProgress;
  readonly clock: ManualClock;
  /** Everything that was written, piece by piece. */
  readonly written: string[];
  /** What a terminal shows after all that. */
  screen(): string[];
}

function watch(options: Partial<ProgressOptions> = {}, width = 90): Watched {
  const clock = manualClock();
  const written: string[] = [];
  const progress = createProgress({
    write: (text) => written.push(text),
    isTerminal: true,
    style: createStyle({ colour: false, unicode: true, width }),
    clock,
    pipeline: 'imaging',
    run: 'r_8k2f',
    stages: STAGES,
    from: 'arrivals',
    to: 'released',
    ...options,
  });
  return { progress, clock, written, screen: () => show(written.join('')) };
}

/** A terminal that knows what the progress needs: up by lines, and clearing what is below. */
function show(text: string): string[] {
  let lines = [''];
  for (const [piece] of text.matchAll(/\u001b\[\d*[A-Z]|\r|\n|[^\u001b\r\n]+/g)) {
    const up = /^\u001b\[(\d+)A$/.exec(piece);
    if (up !== null) lines = lines.slice(0, Math.max(1, lines.length - Number(up[1])));
    else if (piece === '\u001b[0J') lines = [...lines.slice(0, -1), ''];
    else if (piece === '\n') lines.push('');
    else if (piece.startsWith('\u001b'))
      throw new Error(`Unknown sequence ${JSON.stringify(piece)}`);
    else if (piece !== '\r') lines[lines.length - 1] = `${lines.at(-1) ?? ''}${piece}`;
  }
  return lines;
}

/** 300 images arrive, and go through the first stage in three seconds. */
async function importAll({ progress, clock }: Watched): Promise<void> {
  progress.arrived(300, 1e6);
  progress.allArrived();
  for (let at = 0; at < 30; at += 1) {
    await clock.advance(100);
    progress.advanced('import', 10);
  }
}

describe('progress on a terminal', () => {
  it('begins with what runs, from where to where', () => {
    const { progress, screen } = watch();
    expect(screen()[0]).toMatch(/^imaging {3}arrivals → released {30,}run r_8k2f$/);
    progress.end();
  });

  it('draws a bar a stage with count, rate and time left', async () => {
    const watched = watch();
    const { progress, clock, screen } = watched;
    progress.arrived(300, 1e6);
    progress.allArrived();
    for (let at = 0; at < 15; at += 1) {
      await clock.advance(100);
      progress.advanced('import', 10);
    }
    await clock.advance(100);
    expect(screen().slice(2, 4)).toEqual([
      '  import       ██████████             150 of 300   93 images/s   0:02 left',
      '  de-identify                         waiting',
    ]);
    progress.end();
  });

  it('counts an item of a stage with several passes once', async () => {
    const watched = watch();
    const { progress, clock, screen } = watched;
    await importAll(watched);
    for (let at = 0; at < 20; at += 1) {
      await clock.advance(100);
      progress.advanced('de-identify', 15);
    }
    await clock.advance(100);
    expect(screen()[3]).toMatch(/^ {2}de-identify {2}█{10} +150 {3}7\d images\/s {3}0:02 left$/);
    progress.end();
  });

  it('does not leave a bar short for ever because items stopped on the way', async () => {
    const { progress, clock, screen } = watch();
    progress.arrived(300, 1e6);
    progress.allArrived();
    await clock.advance(100);
    progress.advanced('import', 280);
    await clock.advance(1000);
    progress.advanced('de-identify', 100);
    await clock.advance(500);
    expect(screen()[2]).toContain('280 of 300');
    await clock.advance(2000);
    expect(screen()[2]).toMatch(/^ {2}import {7}█{20} {3}280 images in 0:00$/);
    // And if it moves after all, it is taken back.
    progress.advanced('import', 1);
    await clock.advance(200);
    expect(screen()[2]).toContain('281 of 300');
    progress.end();
  });

  it('never shows more than arrived, though a repeated attempt tells of items again', async () => {
    const { progress, clock, screen } = watch();
    progress.arrived(10, 1);
    progress.allArrived();
    progress.advanced('de-identify', 90);
    await clock.advance(200);
    expect(screen()[3]).toMatch(/█{20} +10 images {3}finishing$/);
    progress.end();
  });

  it('promises no end before everything has arrived', async () => {
    const { progress, clock, screen } = watch();
    progress.arrived(1000, 1);
    for (let at = 0; at < 20; at += 1) {
      await clock.advance(100);
      progress.advanced('import', 10);
    }
    await clock.advance(100);
    expect(screen()[2]).toMatch(/200 of 1,000 {3}more to come {3}\d+ images\/s$/);
    progress.end();
  });

  it('draws ten times a second at most, and the last state always', async () => {
    const { progress, clock, written, screen } = watch();
    progress.arrived(100_000, 1);
    const before = written.length;
    for (let at = 0; at < 1000; at += 1) {
      await clock.advance(1);
      progress.advanced('import', 1);
    }
    expect(written.length - before).toBeLessThanOrEqual(10);
    await clock.advance(100);
    expect(screen()[2]).toContain('1,000 of 100,000');
    progress.end();
  });

  it('says in words that it waits, and for what, without a rate or a time left', async () => {
    const watched = watch();
    const { progress, clock, screen } = watched;
    progress.arrived(300, 1e6);
    progress.allArrived();
    for (let at = 0; at < 15; at += 1) {
      await clock.advance(100);
      progress.advanced('import', 10);
    }
    progress.status('paused', 'identifiers\u001b[2J');
    await clock.advance(100);
    expect(screen()).toContain('  paused: waiting for identifiers\\u001b[2J');
    expect(screen()[2]).toMatch(/150 of 300$/);
    progress.status('running');
    await clock.advance(100);
    expect(screen().join('\n')).not.toContain('paused');
    progress.end();
  });

  it('is gone after the end, but for its first line, and leaves no timer', async () => {
    const watched = watch();
    await importAll(watched);
    watched.progress.end();
    watched.progress.end();
    expect(watched.screen().slice(1)).toEqual(['', '']);
    await watched.clock.advance(0);
    expect(watched.clock.sleepers()).toBe(0);
    const count = watched.written.length;
    watched.progress.advanced('import', 1);
    watched.progress.status('paused', 'x');
    await watched.clock.advance(10_000);
    expect(watched.written).toHaveLength(count);
  });

  it('never hides the cursor and always leaves it below the block', async () => {
    const watched = watch();
    await importAll(watched);
    expect(watched.written.join('')).not.toContain('\u001b[?');
    for (const text of watched.written) expect(text.endsWith('\n')).toBe(true);
    watched.progress.end();
  });

  it('prints lines above the block', async () => {
    const { progress, clock, screen } = watch();
    progress.print('a line of the log');
    await clock.advance(200);
    expect(screen()[1]).toBe('a line of the log');
    expect(screen()[3]).toContain('import');
    expect(screen().filter((line) => line.includes('import'))).toHaveLength(1);
    progress.end();
  });

  it.each([20, 40, 60])('keeps every line short of the edge at %d columns', async (width) => {
    const watched = watch({}, width);
    await importAll(watched);
    watched.progress.status('paused', 'a service with a rather long name');
    await watched.clock.advance(200);
    for (const line of watched.screen().slice(1)) expect(displayWidth(line)).toBeLessThan(width);
    watched.progress.end();
  });
});

describe('progress elsewhere', () => {
  const elsewhere = { isTerminal: false };

  it('writes a start, a line a stage every ten seconds, and an end', async () => {
    const { progress, clock, written } = watch(elsewhere, Infinity);
    progress.arrived(3000, 1e6);
    progress.allArrived();
    for (let at = 0; at < 250; at += 1) {
      await clock.advance(100);
      progress.advanced('import', 10);
    }
    expect(written.slice(1)).toEqual([
      'import: 1,000 of 3,000 images, 100 images/s, 0:20 left\n',
      'import: 2,000 of 3,000 images, 100 images/s, 0:10 left\n',
    ]);
    progress.end();
    progress.end();
    expect(written.slice(3)).toEqual(['import: 2,500 images in 0:25\n']);
    expect(written.join('')).not.toContain('\u001b');
    expect(clock.sleepers()).toBe(0);
  });

  it('says when it waits and when it goes on, once each', () => {
    const { progress, written } = watch(elsewhere, Infinity);
    progress.status('running');
    progress.status('paused', 'identifiers');
    progress.status('paused', 'identifiers');
    progress.status('running');
    expect(written.slice(1)).toEqual(['paused: waiting for identifiers\n', 'going on\n']);
  });
});

describe('the stages of a pipeline', () => {
  it('have as many passes as rows of item steps', () => {
    const item = { kind: 'item' } as const;
    const batch = { kind: 'batch' } as const;
    expect(
      progressStages([
        { name: 'import', steps: [item, batch] },
        { name: 'release', steps: [item, batch, batch, item, item, item, batch] },
        { name: 'index', steps: [batch] },
      ]),
    ).toEqual([
      { name: 'import', passes: 1 },
      { name: 'release', passes: 2 },
      { name: 'index', passes: 1 },
    ]);
  });
});
