import { describe, expect, it } from 'vitest';
import { general } from './base/general.ts';
import { pruneStack, siteOf } from './stack.ts';

function failed(frames: readonly string[], message = 'secret DOE^JANE'): Error {
  const error = new Error(message);
  error.stack = [`Error: ${message}`, ...frames.map((frame) => `    at ${frame}`)].join('\n');
  return error;
}

const FRAMES = [
  'parse (/app/node_modules/csv/index.js:1:2)',
  'Object.read (/app/node_modules/csv/read.js:3:4)',
  'readRow (/app/packages/lazaret/src/row.ts:10:5)',
  'each (/app/node_modules/lib/each.js:1:1)',
  'async runStage (file:///app/packages/lazaret/src/stage.ts:20:7)',
  'work (/app/node_modules/pg-boss/manager.js:1:1)',
  'node:internal/process/task_queues:103:5',
];

describe('pruneStack', () => {
  it('keeps what lies between our last own frame and our entry point, and counts the rest', () => {
    expect(pruneStack(failed(FRAMES), { root: '/app/' })).toEqual([
      '… 2 frames above',
      'at readRow (packages/lazaret/src/row.ts:10:5)',
      'at each (node_modules/lib/each.js:1:1)',
      'at async runStage (packages/lazaret/src/stage.ts:20:7)',
      '… 2 frames below',
    ]);
  });

  it('counts one frame as one', () => {
    expect(pruneStack(failed(FRAMES.slice(1, 3)))[0]).toBe('… 1 frame above');
  });

  it('has no line of the message, though it looks like a frame', () => {
    const message = 'x\n    at DOE^JANE (/in/jane:1:1)\nDOE';
    expect(pruneStack(failed(FRAMES, message)).join()).not.toContain('DOE');
    expect(pruneStack(failed(FRAMES, message))).toHaveLength(5);
  });

  it('keeps the top of a stack that has no frame of ours', () => {
    expect(pruneStack(failed(['a (node:x:1:1)', 'b (node:y:1:1)']))).toHaveLength(2);
  });

  it('keeps at most so many frames', () => {
    const frames = Array.from({ length: 100 }, (_, line) => `f (/app/src/a.ts:${line}:1)`);
    const lines = pruneStack(failed(frames), { limit: 5 });
    expect(lines).toHaveLength(6);
    expect(lines.at(-1)).toBe('… 95 frames left out');
  });

  it('reads the frames of other engines', () => {
    const error = new Error('x');
    error.stack = 'readRow@https://host/assets/app.js:1:2\n@https://host/assets/app.js:3:4\n';
    expect(pruneStack(error)).toEqual([
      'at readRow (https://host/assets/app.js:1:2)',
      'at https://host/assets/app.js:3:4',
    ]);
  });

  it('makes nothing of what has no stack', () => {
    for (const value of [null, 'text', {}, { stack: 5 }]) expect(pruneStack(value)).toEqual([]);
  });
});

describe('siteOf', () => {
  it('is file and line of our topmost frame', () => {
    expect(siteOf(failed(FRAMES), { root: '/app/' })).toBe('packages/lazaret/src/row.ts:10');
  });

  it('is where a fault was made, not the maker', () => {
    expect(siteOf(general.fault('Aborted', {}))).toMatch(/stack\.test\.ts:\d+$/);
  });
});
