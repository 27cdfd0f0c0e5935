/**
 * What a finished file says of itself: frame, meta group, marks of the profile, and the pseudonyms. The
 * rules leave these elements out, since they hold values of our own; so they are compared with what
 * the policy and the identity demand, and may say nothing more.
 */
import { IMPLEMENTATION_CLASS_UID } from './deidentify-marks.ts';
import { formatTag, lookUp } from './dictionary.ts';
import type { Tag } from './element.ts';
import {
  BASIC_PROFILE_CODE,
  OPTION_CODES,
  describeTemporalInformation,
} from './profile-options.ts';
import { isStandardUid } from './uid.ts';
import type { Breach, BreachKind, Expectation } from './verify.ts';
import { pathOf, type ReadBack, type ReadElement } from './verify-reader.ts';
import type { RuleContext } from './verify-rules.ts';

const META_ALLOWED = new Set([
  0x00020000, 0x00020001, 0x00020002, 0x00020003, 0x00020010, 0x00020012, 0x00020013,
]);
const META_VERSION: Tag = 0x00020001;
const VERSION_ONE = Buffer.from([0, 1]);
const METHOD_CODES: Tag = 0x00120064;

/** Preamble and file meta group: made anew, with nothing in them but what we say. */
export function checkMeta(back: ReadBack, context: RuleContext, breaches: Breach[]): void {
  const preamble = back.bytes.subarray(0, 128);
  if (!preamble.every((byte) => byte === 0)) breaches.push({ kind: 'preamble-not-zero' });
  const meta = new Map<Tag, string>();
  let instance = '';
  let sopClass = '';
  for (const element of back.elements) {
    if (element.depth > 0) continue;
    if (element.tag >>> 16 === 2) {
      const vrs = lookUp(element.tag)?.vrs ?? [];
      if (!META_ALLOWED.has(element.tag) || !vrs.includes(element.vr)) {
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
  const version = back.elements.find(({ tag }) => tag === META_VERSION);
  if (version === undefined || !VERSION_ONE.equals(back.bytes.subarray(...rangeOf(version)))) {
    breaches.push({ kind: 'meta-not-rebuilt', tag: formatTag(META_VERSION) });
  }
}

/** What the file says of itself (PS3.15 E.3), and the values that identity gave it. */
export function checkMarks(
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

function rangeOf({ offset, length }: ReadElement): readonly [number, number] {
  return [offset, offset + length];
}
