import { describe, expect, it } from 'vitest';
import { lineShape } from './level.ts';

describe('lineShape', () => {
  it.each(['caller', 'data'] as const)('warns without a stack of a mistake by the %s', (blame) => {
    const expected = { level: 'warn', withStack: false, suffix: '' };
    for (const level of ['warn', 'error', 'fatal'] as const) {
      expect(lineShape({ blame, level })).toEqual(expected);
    }
    expect(lineShape({ blame, level: 'info' }).level).toBe('info');
  });

  it('makes an error of a dependency that stopped the work', () => {
    expect(lineShape({ blame: 'dependency', level: 'warn' }).level).toBe('error');
    expect(lineShape({ blame: 'dependency', level: 'fatal' }).level).toBe('fatal');
  });

  it('warns once, with the attempts, of what succeeded in the end', () => {
    const shape = lineShape(
      { blame: 'dependency', level: 'error' },
      { kind: 'recovered', attempts: 3 },
    );
    expect(shape).toEqual({ level: 'warn', withStack: false, suffix: ' Succeeded at attempt 3.' });
  });

  it('keeps failed attempts below the log, and makes an error of the last one', () => {
    const entry = { blame: 'operator', level: 'warn' } as const;
    expect(lineShape(entry, { kind: 'retrying', attempts: 1 }).level).toBe('debug');
    expect(lineShape(entry, { kind: 'exhausted', attempts: 11 })).toMatchObject({
      level: 'error',
      suffix: ' Gave up after 11 attempts.',
    });
  });

  it('has the stack only where the cause is not known', () => {
    expect(lineShape({ blame: 'us', level: 'error' }).withStack).toBe(true);
    expect(lineShape({ blame: 'operator', level: 'error' }).withStack).toBe(false);
    expect(lineShape({ blame: 'dependency', level: 'error' }).withStack).toBe(false);
  });
});
