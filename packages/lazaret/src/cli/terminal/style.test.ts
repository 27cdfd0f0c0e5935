import { describe, expect, it } from 'vitest';
import { createStyle, type Standing } from './style.ts';
import { displayWidth } from './text-width.ts';
import { decideColour, decideUnicode, readTerminal } from './terminal.ts';

const STANDINGS: readonly Standing[] = [
  'delivered',
  'held',
  'rejected',
  'skipped',
  'duplicate',
  'pending',
];

describe('the style', () => {
  it('has one sign and one colour for each disposition', () => {
    const style = createStyle({ colour: true, unicode: true, width: 80 });
    expect(style.sign('delivered')).toBe('\u001b[32m✓\u001b[39m');
    expect(style.sign('held')).toBe('\u001b[33m◼\u001b[39m');
    expect(style.sign('rejected')).toBe('\u001b[31m✕\u001b[39m');
    expect(style.sign('skipped')).toBe('\u001b[38;5;244m–\u001b[39m');
    expect(style.sign('duplicate')).toBe('\u001b[38;5;67m⧉\u001b[39m');
  });

  it.each([true, false])('tells dispositions apart without colour (unicode: %s)', (unicode) => {
    const style = createStyle({ colour: false, unicode, width: 80 });
    const signs = STANDINGS.map((standing) => style.sign(standing));
    expect(new Set(signs).size).toBe(STANDINGS.length);
    for (const sign of signs) expect(displayWidth(sign)).toBe(1);
  });

  it('stays within ASCII where nothing else can be shown', () => {
    const style = createStyle({ colour: false, unicode: false, width: 80 });
    const { arrow, dot, ellipsis, rule, bar } = style.marks;
    const all = [...STANDINGS.map((each) => style.sign(each)), arrow, dot, ellipsis, rule, ...bar];
    expect(all.join('')).toMatch(/^[\x20-\x7e]+$/);
  });

  it('writes no code for a text that is empty or plain', () => {
    const style = createStyle({ colour: true, unicode: true, width: 80 });
    expect(style.paint('red', '')).toBe('');
    expect(style.paint('plain', 'x')).toBe('x');
  });
});

describe('whether to colour', () => {
  const tty = { isTTY: true };
  it.each([
    ['a terminal', {}, tty, true],
    ['a file', {}, {}, false],
    ['a terminal with NO_COLOR', { NO_COLOR: '1' }, tty, false],
    ['a terminal with an empty NO_COLOR', { NO_COLOR: '' }, tty, true],
    ['a dumb terminal', { TERM: 'dumb' }, tty, false],
    ['a file with FORCE_COLOR', { FORCE_COLOR: '1' }, {}, true],
    ['FORCE_COLOR against NO_COLOR', { FORCE_COLOR: '', NO_COLOR: '1' }, {}, true],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, tty, false],
    ['a build server without a terminal', { CI: 'true' }, {}, false],
    ['a build server with one', { CI: 'true' }, tty, true],
  ])('%s', (_, env, stream, colour) => expect(decideColour(env, stream)).toBe(colour));
});

describe('what a terminal can show', () => {
  it('believes the locale, the first one that is set', () => {
    expect(decideUnicode({ LANG: 'de_DE.UTF-8' })).toBe(true);
    expect(decideUnicode({ LANG: 'C.utf8' })).toBe(true);
    expect(decideUnicode({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' })).toBe(false);
    expect(decideUnicode({ LANG: '' })).toBe(true);
    expect(decideUnicode({ TERM: 'linux', LANG: 'de_DE.UTF-8' })).toBe(false);
  });

  it('has no edge where it is not a terminal', () => {
    expect(readTerminal({}, {})).toMatchObject({ width: Infinity, isTerminal: false });
    expect(readTerminal({}, { isTTY: true, columns: 132 })).toMatchObject({
      width: 132,
      isTerminal: true,
    });
    expect(readTerminal({}, { isTTY: true, columns: 0 }).width).toBe(80);
  });

  it('is not drawn upon again on a build server', () => {
    expect(readTerminal({ CI: 'true' }, { isTTY: true }).isTerminal).toBe(false);
    expect(readTerminal({ CI: 'false' }, { isTTY: true }).isTerminal).toBe(true);
    expect(readTerminal({ TERM: 'dumb' }, { isTTY: true }).isTerminal).toBe(false);
  });
});
