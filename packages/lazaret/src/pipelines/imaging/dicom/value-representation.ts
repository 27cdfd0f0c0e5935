/** Facts about the value representations (PS3.5 section 6.2 and table 7.1-1). */
export interface ValueRepresentation {
  readonly vr: string;
  /** Two reserved bytes and a length of 32 bits in explicit encoding, else a length of 16. */
  readonly long: boolean;
  /** Bytes that one binary value takes; 0 for text and for runs of bytes. */
  readonly width: number;
  readonly text: boolean;
}

const LONG = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));
const TEXT = new Set('AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT'.split(' '));
const WIDTHS: Readonly<Record<string, number>> = {
  AT: 4,
  FL: 4,
  FD: 8,
  SL: 4,
  SS: 2,
  SV: 8,
  UL: 4,
  US: 2,
  UV: 8,
  OD: 8,
  OF: 4,
  OL: 4,
  OV: 8,
  OW: 2,
};

const byName = new Map<string, ValueRepresentation>();
/** By the two letters read as one big-endian number: 0x504E is PN. */
const byCode: (ValueRepresentation | undefined)[] = Array.from({ length: 0x10000 });

for (const vr of new Set([...LONG, ...TEXT, ...Object.keys(WIDTHS)])) {
  const facts = { vr, long: LONG.has(vr), width: WIDTHS[vr] ?? 0, text: TEXT.has(vr) };
  byName.set(vr, facts);
  byCode[(vr.charCodeAt(0) << 8) | vr.charCodeAt(1)] = facts;
}

export function representationOf(vr: string): ValueRepresentation | undefined {
  return byName.get(vr);
}

export function representationOfCode(code: number): ValueRepresentation | undefined {
  return byCode[code];
}

/** Whether the VR's values are a list of numbers rather than one run of bytes. */
export function isNumberList({ vr, width }: ValueRepresentation): boolean {
  return width > 0 && !vr.startsWith('O');
}

/** The byte that makes an odd value even (PS3.5 section 6.2): a space for text, except in a UI. */
export function paddingOf(vr: string): number {
  return byName.get(vr)?.text === true && vr !== 'UI' ? 0x20 : 0;
}
