/**
 * Letters that are written in more than one way: umlauts, accents, wide and narrow forms, kana. A name
 * and a text are brought into the same forms, and then compared as bytes.
 */

/** Letters that one alphabet has and another writes with two, or with a bare one. */
const LATIN: Readonly<Record<string, readonly [string, string]>> = {
  ...{ ä: ['ae', 'a'], ö: ['oe', 'o'], ü: ['ue', 'u'], ß: ['ss', 's'], æ: ['ae', 'a'] },
  ...{ ø: ['oe', 'o'], å: ['aa', 'a'], œ: ['oe', 'o'], ð: ['d', 'd'], þ: ['th', 't'] },
  ...{ ł: ['l', 'l'], đ: ['dj', 'd'], ı: ['i', 'i'], ħ: ['h', 'h'], ŋ: ['ng', 'n'] },
};
const LATIN_LETTERS = new RegExp(`[${Object.keys(LATIN).join('')}]`, 'g');

/** Katakana stand in the same order as hiragana, 96 places behind them. */
const KATAKANA = /[\u30a1-\u30f6]/g;

/**
 * The forms of a text: as it is (in lower case, wide and narrow forms made one, katakana as hiragana),
 * with letters written out (Müller, Mueller), and without any marks (Muller). One form where all are
 * the same.
 */
export function lettersOf(text: string): readonly string[] {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(KATAKANA, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60));
  const written = bare(plain.replace(LATIN_LETTERS, (letter) => LATIN[letter]?.[0] ?? letter));
  const stripped = bare(plain.replace(LATIN_LETTERS, (letter) => LATIN[letter]?.[1] ?? letter));
  return [...new Set([plain, written, stripped])];
}

/** Without accents. Marks of kana change the syllable, and stay. */
function bare(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC');
}
