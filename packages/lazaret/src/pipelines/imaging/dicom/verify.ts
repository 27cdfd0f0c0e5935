/**
 * Looks at a finished file as a stranger would and says whether it is what the profile demands. It
 * believes neither the writer nor the record that the writer made: see `verify-reader.ts` for how
 * the bytes are read, `verify-rules.ts` for what each element is measured by.
 */
import {
  BASIC_PROFILE_CODE,
  OPTION_CODES,
  describeTemporalInformation,
} from './profile-options.ts';
import type { ProfileOptions } from './profile-options.ts';
import type { Profile } from './profile.ts';
import type { Element, Rendition, Tag, Walk } from './element.ts';
import { formatTag, lookUp } from './dictionary.ts';
import { IMPLEMENTATION_CLASS_UID } from './deidentify-marks.ts';
import { isStandardUid } from './uid.ts';
import {
  pathOf,
  readBack,
  type ReadBack,
  type ReadBackBreach,
  type ReadElement,
} from './verify-reader.ts';
import { checkElement, type RuleBreach, type RuleContext } from './verify-rules.ts';

export type BreachKind =
  | ReadBackBreach
  | RuleBreach
  | 'preamble-not-zero'
  | 'meta-not-rebuilt'
  | 'marks-missing'
  | 'pseudonym-missing'
  | 'pixels-differ';

/** Something in the output that must not be there, or is not there and must. Never with a value. */
export interface Breach {
  readonly kind: BreachKind;
  /** Path of the element, as in `Place.tag`, where there is one. */
  readonly tag?: string;
}

/** What the output should say: it comes from the policy and not from the writer. */
export interface Expectation {
  readonly profile: Profile;
  readonly pseudonym: string;
  /** New accession number; empty where the source has none. */
  readonly accession: string;
  /** What (0012,0063) has to say, with the device's name as a second value where there is one. */
  readonly policyLabel: string;
  readonly deviceLabel?: string;
}

const META_ALLOWED = new Set([
  0x00020000, 0x00020001, 0x00020002, 0x00020003, 0x00020010, 0x00020012, 0x00020013,
]);
const PIXELS: readonly Tag[] = [0x7fe00008, 0x7fe00009, 0x7fe00010];
const METHOD_CODES: Tag = 0x00120064;
const COMPARE_BYTES = 1024 * 1024;
const BREACHES_MAX = 100;

/**
 * Checks a finished file against its source.
 *
 * @param output - the bytes as they will be delivered, or as read back already.
 * @returns every breach found, 100 at most; an empty list where the file may go on.
 */
export function verify(
  output: Rendition | ReadBack,
  source: Walk,
  expectation: Expectation,
): readonly Breach[] {
  const back = 'elements' in output ? output : readBack(output);
  const breaches: Breach[] = [...back.breaches];
  if (breaches.some((breach) => breach.kind === 'unreadable-output')) return breaches;
  const context = makeContext(back, source, expectation.profile.options);
  checkMeta(back, context, breaches);
  for (const element of back.elements) {
    if (breaches.length >= BREACHES_MAX) return breaches;
    if (element.tag >>> 16 === 2 && element.depth === 0) continue;
    const kind = checkElement(element, context);
    if (kind !== null) breaches.push({ kind, tag: pathOf(element) });
  }
  checkMarks(back, context, expectation, breaches);
  checkPixels(back, source, breaches);
  return breaches;
}

function makeContext(back: ReadBack, source: Walk, options: ProfileOptions): RuleContext {
  const places = new Map<string, Element>();
  const sourceUids = new Set<string>();
  const visit = (elements: readonly Element[], prefix: string): void => {
    for (const element of elements) {
      // A UN is what the dictionary knows it to be.
      const vr = element.vr === 'UN' ? lookUp(element.tag)?.vrs[0] : element.vr;
      if (vr === 'UI') {
        for (const uid of readText(source, element).split('\\')) {
          if (uid !== '' && !isStandardUid(uid)) sourceUids.add(uid);
        }
      } else if (vr === 'DA' || vr === 'DT') {
        places.set(prefix + formatTag(element.tag), element);
      }
      element.items?.forEach((item, index) => {
        visit(item.elements, `${prefix}${formatTag(element.tag)}[${index}].`);
      });
    }
  };
  visit(source.meta, '');
  visit(source.elements, '');
  return {
    options,
    sourceUids,
    textOf: (element) => textOf(back, element),
    isZero: (element) =>
      back.bytes
        .subarray(element.offset, element.offset + element.length)
        .every((byte) => byte === 0),
    sourceTextOf: (element) => {
      const found = places.get(pathOf(element));
      return found === undefined ? undefined : readText(source, found);
    },
  };
}

function textOf(back: ReadBack, element: ReadElement): string {
  return decode(back.bytes.subarray(element.offset, element.offset + element.length));
}

function readText(source: Walk, element: Element): string {
  return decode(source.source.read(element.valueOffset, element.valueLength));
}

/** Byte by byte, since all that is compared here is ASCII; padding at the end does not count. */
function decode(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x20 || bytes[end - 1] === 0)) end--;
  return Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('latin1');
}

function checkMeta(back: ReadBack, context: RuleContext, breaches: Breach[]): void {
  const preamble = back.bytes.subarray(0, 128);
  if (!preamble.every((byte) => byte === 0)) breaches.push({ kind: 'preamble-not-zero' });
  const meta = new Map<Tag, string>();
  let instance = '';
  let sopClass = '';
  for (const element of back.elements) {
    if (element.depth > 0) continue;
    if (element.tag >>> 16 === 2) {
      if (!META_ALLOWED.has(element.tag)) {
        breaches.push({ kind: 'meta-not-rebuilt', tag: pathOf(element) });
      }
      meta.set(element.tag, context.textOf(element));
    } else if (element.tag === 0x00080018) instance = context.textOf(element);
    else if (element.tag === 0x00080016) sopClass = context.textOf(element);
  }
  const expected: readonly (readonly [Tag, string])[] = [
    [0x00020002, sopClass],
    [0x00020003, instance],
    [0x00020012, IMPLEMENTATION_CLASS_UID],
    [0x00020013, 'LAZARET'],
  ];
  for (const [tag, text] of expected) {
    if (meta.get(tag) !== text) breaches.push({ kind: 'meta-not-rebuilt', tag: formatTag(tag) });
  }
  if (!isStandardUid(meta.get(0x00020010) ?? '')) {
    breaches.push({ kind: 'meta-not-rebuilt', tag: formatTag(0x00020010) });
  }
}

function checkMarks(
  back: ReadBack,
  context: RuleContext,
  expectation: Expectation,
  breaches: Breach[],
): void {
  const { profile, pseudonym, accession, policyLabel, deviceLabel } = expectation;
  const { options } = profile;
  const expected: readonly (readonly [Tag, string, BreachKind])[] = [
    [0x00120062, 'YES', 'marks-missing'],
    [
      0x00120063,
      deviceLabel === undefined ? policyLabel : `${policyLabel}\\${deviceLabel}`,
      'marks-missing',
    ],
    [0x00280303, describeTemporalInformation(options), 'marks-missing'],
    [0x00100010, pseudonym, 'pseudonym-missing'],
    [0x00100020, pseudonym, 'pseudonym-missing'],
    [0x00080050, accession, 'pseudonym-missing'],
  ];
  const top = new Map<Tag, string>();
  const wanted = new Set(expected.map(([tag]) => tag));
  const codes: string[] = [];
  for (const element of back.elements) {
    if (element.depth === 0) {
      if (wanted.has(element.tag)) top.set(element.tag, context.textOf(element));
    } else if (element.within[0] === METHOD_CODES) {
      codes.push(`${element.prefix}${formatTag(element.tag)}=${context.textOf(element)}`);
    }
  }
  for (const [tag, text, kind] of expected) {
    // An accession number that is not there says as much as an empty one.
    if ((top.get(tag) ?? '') !== text) breaches.push({ kind, tag: formatTag(tag) });
  }
  // The items must say this and nothing more: neither rules nor search look at them again.
  const profiles = [BASIC_PROFILE_CODE, ...[...options].map((option) => OPTION_CODES[option])];
  const said = profiles
    .sort((a, b) => (a.value < b.value ? -1 : 1))
    .flatMap(({ value, meaning }, index) =>
      [`(0008,0100)=${value}`, '(0008,0102)=DCM', `(0008,0104)=${meaning}`].map(
        (line) => `${formatTag(METHOD_CODES)}[${index}].${line}`,
      ),
    );
  if (codes.join('\n') !== said.join('\n')) {
    breaches.push({ kind: 'marks-missing', tag: formatTag(METHOD_CODES) });
  }
}

/**
 * The pixels have to be the source's, byte for byte. The two are compared and not their digests:
 * that is the stronger statement, and costs less.
 */
function checkPixels(back: ReadBack, source: Walk, breaches: Breach[]): void {
  for (const tag of PIXELS) {
    const before = source.elements.filter((element) => element.tag === tag);
    const after = back.pixels.filter((pixels) => pixels.tag === tag);
    const [from, to] = [before[0], after[0]];
    if (from === undefined && to === undefined) continue;
    const same =
      from !== undefined &&
      to !== undefined &&
      before.length === 1 &&
      after.length === 1 &&
      from.valueLength === to.length &&
      equalBytes(source, from.valueOffset, back, to.offset, to.length);
    if (!same) breaches.push({ kind: 'pixels-differ', tag: formatTag(tag) });
  }
}

function equalBytes(
  source: Walk,
  sourceOffset: number,
  back: ReadBack,
  outputOffset: number,
  length: number,
): boolean {
  for (let done = 0; done < length; done += COMPARE_BYTES) {
    const size = Math.min(COMPARE_BYTES, length - done);
    const left = source.source.read(sourceOffset + done, size);
    const right = back.output.read(outputOffset + done, size);
    if (left.length !== size || Buffer.compare(left, right) !== 0) return false;
  }
  return true;
}
