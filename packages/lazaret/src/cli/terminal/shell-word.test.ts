import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellWord } from './shell-word.ts';

describe('a word of a shell', () => {
  it('stays as it is where nothing in it means anything', () => {
    expect(shellWord('r_8k2f/1-20')).toBe('r_8k2f/1-20');
    expect(shellWord('modality=US')).toBe('modality=US');
  });

  it('is quoted where it would be taken apart', () => {
    expect(shellWord('no text')).toBe("'no text'");
    expect(shellWord("it's $HOME")).toBe("'it'\\''s $HOME'");
    expect(shellWord('')).toBe("''");
  });

  it('comes out of a shell as it went in', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        fc.pre(!text.includes('\0'));
        const printed = execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`]);
        expect(printed.equals(Buffer.from(text, 'utf8'))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
