import { walkElements } from './data-set.ts';
import type { ByteSource } from '../../../bytes/byte-source.ts';
import type { Element, Forgiven, TransferSyntax, Unreadable, Walk } from './element.ts';
import { contradicts, guessEncoding } from './encoding-guess.ts';
import { inflateDataSet } from './inflate.ts';
import { findStart, walkMeta, type Start } from './meta.ts';
import type { Level } from './sequence.ts';
import {
  EXPLICIT_BIG_ENDIAN,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
  transferSyntax,
} from './transfer-syntax.ts';
import { CUT_KINDS, findCut } from './walk-cut.ts';
import { WALK_LIMITS, type WalkLimits } from './walk-limits.ts';
import { EXPLICIT_LE, FAILED, WalkState, type Encoding } from './walk-state.ts';

const TRANSFER_SYNTAX_UID = 0x00020010;

/**
 * Walks a DICOM file (PS3.10): where each element, item and fragment lies. Values are not held, and
 * pixel data is not touched. It never throws for what the bytes are; only the source may throw, when
 * it cannot be read. The time is linear in the size of the header.
 */
export function walk(source: ByteSource, limits: Partial<WalkLimits> = {}): Walk | Unreadable {
  if (source.size === 0) return { unreadable: 'empty', offset: 0 };
  const state = new WalkState(source, { ...WALK_LIMITS, ...limits });
  const start = findStart(state);
  const meta: Element[] = [];
  const dataSetStart = walkMeta(state, start.offset, meta);
  if (dataSetStart === null) return reasonOf(state);
  if (dataSetStart >= source.size) {
    return start.preamble || meta.length > 0
      ? { unreadable: 'truncated', offset: source.size }
      : { unreadable: 'not-dicom', offset: 0 };
  }
  const named = nameSyntax(state, meta, dataSetStart, start);
  if (isUnreadable(named)) return named;
  if (!named.deflated) return walkDataSet(state, state.forgiven, start, meta, named, dataSetStart);

  const inflated = inflateDataSet(state, dataSetStart);
  if (inflated !== null && isUnreadable(inflated)) return inflated;
  if (inflated === null) {
    // Not deflated after all, whatever the syntax says.
    state.forgive('syntax-contradicted', dataSetStart);
    const encoding = guessEncoding(state, dataSetStart);
    if (encoding === null) return { unreadable: 'malformed', offset: dataSetStart };
    const syntax = describe(encoding);
    return walkDataSet(state, state.forgiven, start, meta, syntax, dataSetStart);
  }
  const inner = new WalkState(inflated, state.limits);
  return walkDataSet(inner, state.forgiven, start, meta, named, dataSetStart);
}

export function isUnreadable<T extends object>(result: T | Unreadable): result is Unreadable {
  return 'unreadable' in result;
}

/** `before` is what was forgiven up to the data set. */
function walkDataSet(
  state: WalkState,
  before: readonly Forgiven[],
  start: Start,
  meta: readonly Element[],
  named: TransferSyntax,
  dataSetStart: number,
): Walk | Unreadable {
  let syntax = named;
  const other = contradicts(state, dataSetStart, named);
  if (other !== null) {
    state.forgive('syntax-contradicted', dataSetStart);
    // Compressed pixels stay what they are, however the elements around them are encoded.
    syntax = named.encapsulated
      ? { ...named, ...other }
      : { ...describe(other), deflated: named.deflated };
  }
  state.encapsulated = syntax.encapsulated;
  const encoding: Encoding = { explicit: syntax.explicit, littleEndian: syntax.littleEndian };
  const level: Level = { elements: [], damaged: false };
  const extent = { start: dataSetStart, end: state.source.size, undefinedLength: false };
  if (walkElements(state, extent, encoding, level) === FAILED) return reasonOf(state);
  reportCut(state, level.elements, encoding);
  return {
    source: state.source,
    preamble: start.preamble,
    syntax,
    meta,
    elements: level.elements,
    forgiven: before === state.forgiven ? before : [...before, ...state.forgiven],
  };
}

/** One thing is wrong with a file that was cut, however many of its lengths run over the end. */
function reportCut(state: WalkState, elements: readonly Element[], encoding: Encoding): void {
  if (state.forgiven.length === 0) return;
  const cut = findCut(state, elements, encoding);
  if (cut === null) return;
  const others = state.forgiven.filter(({ kind }) => !CUT_KINDS.has(kind));
  state.forgiven.splice(0, state.forgiven.length, ...others);
  state.forgive('file-cut', cut.offset, cut.tag);
}

/** The transfer syntax that the meta group names, or the one that the bytes suggest. */
function nameSyntax(
  state: WalkState,
  meta: readonly Element[],
  dataSetStart: number,
  start: Start,
): TransferSyntax | Unreadable {
  const element = meta.find(({ tag }) => tag === TRANSFER_SYNTAX_UID);
  const uid = element === undefined ? '' : readUid(state, element);
  if (uid !== '') {
    const syntax = transferSyntax(uid);
    if (syntax === 'none') return { unreadable: 'unsupported-syntax', offset: dataSetStart };
    if (syntax !== undefined) return syntax;
  }
  const framed = start.preamble || meta.length > 0;
  const encoding = guessEncoding(state, dataSetStart) ?? (framed ? EXPLICIT_LE : null);
  if (encoding === null) return { unreadable: 'not-dicom', offset: dataSetStart };
  state.forgive(uid === '' ? 'syntax-missing' : 'syntax-unknown', dataSetStart);
  return describe(encoding);
}

function readUid(state: WalkState, { valueOffset, valueLength }: Element): string {
  // No UID has more than 64 characters (PS3.5 section 9).
  const bytes = state.bytes(valueOffset, Math.min(valueLength, 66));
  return String.fromCharCode(...bytes).replace(/[\0 ]+$/, '');
}

function describe({ explicit, littleEndian }: Encoding): TransferSyntax {
  let uid = EXPLICIT_LITTLE_ENDIAN;
  if (!explicit) uid = IMPLICIT_LITTLE_ENDIAN;
  else if (!littleEndian) uid = EXPLICIT_BIG_ENDIAN;
  return { uid, explicit, littleEndian, deflated: false, encapsulated: false };
}

function reasonOf(state: WalkState): Unreadable {
  const failure = state.failure ?? { unreadable: 'malformed', offset: 0 };
  // What is left is too short for a header, so it is the end that is missing.
  const cut = failure.unreadable === 'malformed' && state.source.size - failure.offset < 12;
  return cut ? { ...failure, unreadable: 'truncated' } : failure;
}
