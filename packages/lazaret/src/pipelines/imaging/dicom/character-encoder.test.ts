import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { characterSet } from './character-set.ts';
import { encoderOf } from './character-encoder.ts';

const back = (terms: readonly string[], text: string, vr = 'LO'): string | null => {
  const bytes = encoderOf(terms)(text, vr);
  if (bytes === null) return null;
  const decoded = characterSet(terms).decode(bytes, vr);
  expect(decoded.sound).toBe(true);
  return decoded.text;
};

describe('text that is encoded', () => {
  it.each([
    [['ISO_IR 192'], 'Schädel 胸部 βράγχος'],
    [['ISO_IR 100'], 'Schädel nativ'],
    [['ISO_IR 144'], 'Череп 5 мм'],
    [['GB18030'], '胸部 CT'],
    [['GBK'], '胸部 CT'],
    [['', 'ISO 2022 IR 87'], '胸部 CT\\頭部'],
    [['ISO_IR 13', 'ISO 2022 IR 87'], 'ﾔﾏﾀﾞ 胸部'],
    [['', 'ISO 2022 IR 149'], '흉부 CT\r\n복부'],
    [['', 'ISO 2022 IR 58'], '胸部\\头部'],
    [['ISO 2022 IR 100', 'ISO 2022 IR 144'], 'Schädel Череп Schädel'],
  ])('under %j reads as it was written', (terms, text) => {
    expect(back(terms, text)).toBe(text);
  });

  it('goes back to the first set before each delimiter', () => {
    const bytes = encoderOf(['', 'ISO 2022 IR 87'])('頭\\胸', 'LO');
    expect(Buffer.from(bytes ?? []).toString('latin1')).toMatch(
      /^\u001b\$B..\u001b\(B\\\u001b\$B..\u001b\(B$/s,
    );
    const korean = encoderOf(['', 'ISO 2022 IR 149'])('흉\\복', 'LO');
    expect(Buffer.from(korean ?? []).toString('latin1')).toMatch(/^\u001b\$\)C..\\\u001b\$\)C..$/s);
  });

  it('is refused where the set does not have it', () => {
    expect(encoderOf(['ISO_IR 100'])('胸部', 'LO')).toBeNull();
    expect(encoderOf([])('Schädel', 'LO')).toBeNull();
    expect(encoderOf(['ISO_IR 999'])('ä', 'LO')).toBeNull();
  });

  it('comes back the same from any text of the set, or is refused', () => {
    const letters = fc.constantFrom(...Array.from('aä é5\\^=\r\n胸頭ﾔ흉ЧжΩ'));
    const terms = fc.constantFrom(
      ...[['ISO_IR 192'], ['ISO_IR 100'], ['ISO 2022 IR 6', 'ISO 2022 IR 87', 'ISO 2022 IR 149']],
      ...[['ISO 2022 IR 100', 'ISO 2022 IR 144', 'ISO 2022 IR 126'], ['GB18030']],
    );
    fc.assert(
      fc.property(terms, fc.array(letters), fc.constantFrom('LO', 'PN', 'LT'), (set, text, vr) => {
        const given = text.join('');
        expect([given, null]).toContain(back(set, given, vr));
      }),
      { numRuns: 300 },
    );
  });
});
