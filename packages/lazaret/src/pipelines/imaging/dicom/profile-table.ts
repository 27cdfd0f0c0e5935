/**
 * PS3.15 Annex E, Table E.1-1, ready to be asked by tag. The facts are read once; repeating groups
 * and private groups are rules and not rows.
 */
import lines from './facts/confidentiality-profile.json' with { type: 'json' };
import type { Tag } from './element.ts';
import type { OptionLetter } from './profile-columns.ts';

export interface ProfileRow {
  /** Action codes of the Basic Profile; several where the attribute's type decides: X, Z, D. */
  readonly basic: readonly string[];
  /** Keep or clean, for the options that say so. */
  readonly options: ReadonlyMap<OptionLetter, string>;
}

const rows = new Map<Tag, ProfileRow>();
const CURVE = '50xxxxxx';
const OVERLAY = /^60xx([0-9A-F]{4})$/;
const overlayRows = new Map<number, ProfileRow>();
let curveRow: ProfileRow | undefined;
let privateRow: ProfileRow | undefined;

for (const [tag = '', , basic = '', options = ''] of lines) {
  const row = readRow(basic, options);
  const overlay = OVERLAY.exec(tag)?.[1];
  if (tag === 'odd') privateRow = row;
  else if (tag === CURVE) curveRow = row;
  else if (overlay !== undefined) overlayRows.set(Number.parseInt(overlay, 16), row);
  else rows.set(Number.parseInt(tag, 16), row);
}

function readRow(basic: string, options: string): ProfileRow {
  const pairs = options
    .split(' ')
    .filter((pair) => pair !== '')
    .map((pair) => [pair.slice(0, 1) as OptionLetter, pair.slice(2)] as const);
  return { basic: basic.split('/'), options: new Map(pairs) };
}

/** The row of an attribute, the rules for private, curve and overlay groups included. */
export function findProfileRow(tag: Tag): ProfileRow | undefined {
  const group = tag >>> 16;
  if ((group & 1) === 1) return privateRow;
  // Even groups 5000 to 501E and 6000 to 601E repeat (PS3.5 section 7.6); 50FF and 60FF are not
  // legal groups of a plane, and are covered by the wider reading: the cautious one.
  if (group >>> 8 === 0x50) return curveRow;
  if (group >>> 8 === 0x60) return overlayRows.get(tag & 0xffff);
  return rows.get(tag);
}
