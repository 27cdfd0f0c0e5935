/** One set of characters: how many bytes each character takes, and how a run of them becomes text. */
export interface CodedSet {
  readonly bytes: 1 | 2;
  decode(run: Uint8Array): string;
}

/** What a defined term or an escape sequence puts in G0 (bytes below 0x80) and in G1 (the others). */
export interface Designation {
  readonly g0?: CodedSet;
  readonly g1?: CodedSet;
}

type ToWire = (run: Uint8Array) => Uint8Array;

/** `label` names an encoding of the WHATWG Encoding Standard; Node's ICU has all those used here. */
function coded(label: string, bytes: 1 | 2, toWire: ToWire = (run) => run): CodedSet {
  const decoder = new TextDecoder(label, { ignoreBOM: true });
  return { bytes, decode: (run) => decoder.decode(toWire(run)) };
}

const raise: ToWire = (run) => run.map((byte) => byte | 0x80);

/** EUC-JP puts a byte in front of each character of JIS X 0212. */
const raiseSupplement: ToWire = (run) => {
  const wire: number[] = [];
  for (let at = 0; at + 1 < run.length; at += 2) {
    wire.push(0x8f, (run[at] ?? 0) | 0x80, (run[at + 1] ?? 0) | 0x80);
  }
  return Uint8Array.from(wire);
};

export const ASCII = coded('ascii', 1);

const KATAKANA: CodedSet = {
  bytes: 1,
  decode: (run) =>
    Array.from(run, (byte) =>
      String.fromCharCode(byte >= 0xa1 && byte <= 0xdf ? 0xff61 + byte - 0xa1 : 0xfffd),
    ).join(''),
};

/**
 * The sets that may be switched between, by their ISO registration number (PS3.3 tables C.12-2 to
 * C.12-4). The Encoding Standard reads Latin-1, Latin-5 and Thai as their Windows supersets, which
 * differ only where the ISO sets have control codes. JIS X 0201 differs from ASCII in the yen sign,
 * which stands where the backslash divides values: it is left a backslash.
 */
const SETS: Readonly<Record<string, Designation & { readonly escapes: readonly string[] }>> = {
  '6': { escapes: ['(B'], g0: ASCII },
  '100': { escapes: ['-A'], g1: coded('iso-8859-1', 1) },
  '101': { escapes: ['-B'], g1: coded('iso-8859-2', 1) },
  '109': { escapes: ['-C'], g1: coded('iso-8859-3', 1) },
  '110': { escapes: ['-D'], g1: coded('iso-8859-4', 1) },
  '144': { escapes: ['-L'], g1: coded('iso-8859-5', 1) },
  '127': { escapes: ['-G'], g1: coded('iso-8859-6', 1) },
  '126': { escapes: ['-F'], g1: coded('iso-8859-7', 1) },
  '138': { escapes: ['-H'], g1: coded('iso-8859-8', 1) },
  '148': { escapes: ['-M'], g1: coded('iso-8859-9', 1) },
  '203': { escapes: ['-b'], g1: coded('iso-8859-15', 1) },
  '166': { escapes: ['-T'], g1: coded('tis-620', 1) },
  '13': { escapes: [], g0: ASCII, g1: KATAKANA },
  '87': { escapes: ['$B'], g0: coded('euc-jp', 2, raise) },
  '159': { escapes: ['$(D'], g0: coded('euc-jp', 2, raiseSupplement) },
  '149': { escapes: ['$)C'], g1: coded('euc-kr', 2) },
  '58': { escapes: ['$)A'], g1: coded('gb2312', 2) },
};

/** JIS X 0201 is the one set with an escape sequence for each half. */
const ESCAPES = new Map<string, Designation>([
  ['(J', { g0: ASCII }],
  [')I', { g1: KATAKANA }],
]);
for (const set of Object.values(SETS)) {
  for (const escape of set.escapes) ESCAPES.set(escape, set);
}

/** Terms that stand alone and know no switching. */
const WHOLE: Readonly<Record<string, string>> = {
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
};

/** The set of a term as the standard spells it, or as files misspell it (`ISO-IR 100`). */
export function designationOf(term: string): Designation | undefined {
  const [, number] = /^ISO[ _-](?:2022[ _-])?IR[ _-](\d+)$/.exec(term) ?? [];
  return number === undefined ? undefined : SETS[number];
}

/** The label of a term that stands alone. */
export function wholeEncodingOf(term: string): string | undefined {
  return WHOLE[term];
}

/**
 * The escape sequence that follows an ESC at `at`: what it puts in place, and its bytes with the ESC
 * itself. Undefined where it is none that DICOM uses.
 */
export function readEscape(
  bytes: Uint8Array,
  at: number,
): { readonly designation: Designation; readonly length: number } | undefined {
  for (const length of [2, 3]) {
    const letters = String.fromCharCode(...bytes.subarray(at + 1, at + 1 + length));
    const designation = ESCAPES.get(letters);
    if (designation !== undefined) return { designation, length: length + 1 };
  }
  return undefined;
}
