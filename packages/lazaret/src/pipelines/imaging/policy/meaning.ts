/** What a policy means, in words and numbers, for whoever signs it. */
import lines from '../dicom/facts/confidentiality-profile.json' with { type: 'json' };
import { lookUp } from '../dicom/dictionary.ts';
import type { Tag } from '../dicom/element.ts';
import type { Profile } from '../dicom/profile.ts';
import { decide } from '../dicom/profile-action.ts';
import { BASIC_PROFILE_CODE, OPTION_CODES } from '../dicom/profile-options.ts';
import { findProfileRow } from '../dicom/profile-table.ts';
import { policyProfile, type Policy } from '../policy.ts';
import { isNamed, nameElement, titleOf } from './element-name.ts';
import { EVERY_ELEMENT } from './vocabularies.ts';

export interface PolicyMeaning {
  readonly name: string;
  readonly version: string;
  readonly collection: string;
  /** With their codes in CID 7050, the Basic Profile first. */
  readonly options: readonly {
    readonly name: string;
    readonly code: string;
    readonly meaning: string;
  }[];
  readonly modalities: readonly string[];
  /** What else waits, each with the code under which it does. */
  readonly screens: readonly { readonly id: string; readonly what: string }[];
  /** How many of the attributes of table E.1-1 come to what, at the top level of an image. */
  readonly attributes: Readonly<Record<string, number>>;
  readonly rules: readonly RuleMeaning[];
  readonly vocabularies: readonly {
    readonly element: string;
    readonly values: number;
    readonly words: number;
  }[];
  readonly safePrivate: number;
  readonly patientId: Policy['patientId'];
  readonly prefixes: Policy['prefixes'];
  readonly maxFileBytes: number;
  /** What is allowed, and yet seldom meant. */
  readonly warnings: readonly string[];
}

export interface RuleMeaning {
  readonly keyword: string;
  readonly tag: string;
  /** What would be done without the rule. */
  readonly without: string;
  readonly action: string;
  readonly value?: string;
  readonly reason: string;
}

/** What actions come to for the output. New UIDs and kept ones of the standard are one thing here. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['keep', 'kept'],
  ['foreign-uid', 'kept'],
  ['descend', 'looked into'],
  ['clean', 'cleaned'],
  ['shift', 'shifted'],
  ['uid', 'new UID'],
  ['replace', 'replaced'],
  ['dummy', 'dummy'],
  ['empty', 'emptied'],
  ['remove', 'removed'],
]);

/** What an action is called when it is done. */
export function doneWord(action: string): string {
  return WORDS.get(action) ?? action;
}

/** Every word of `doneWord`, from what stays to what goes. */
export const DONE_WORDS: readonly string[] = [...new Set(WORDS.values())];

export function meaningOf(policy: Policy): PolicyMeaning {
  const profile = policyProfile(policy);
  const rules = (policy.elements ?? []).map((rule) => ruleMeaning(rule, profile));
  return {
    name: policy.name,
    version: policy.version,
    collection: policy.collection,
    options: [
      { name: 'basic', code: BASIC_PROFILE_CODE.value, meaning: BASIC_PROFILE_CODE.meaning },
      ...policy.options.map((name) => ({
        name,
        code: OPTION_CODES[name].value,
        meaning: OPTION_CODES[name].meaning,
      })),
    ],
    modalities: policy.modalities,
    screens: screensOf(policy),
    attributes: countAttributes(profile),
    rules,
    vocabularies: (policy.vocabularies ?? []).map(({ element, values = [], words = [] }) => ({
      element: element === EVERY_ELEMENT ? 'every element' : element,
      values: values.length,
      words: words.length,
    })),
    safePrivate: policy.safePrivate?.length ?? 0,
    patientId: policy.patientId,
    prefixes: policy.prefixes,
    maxFileBytes: policy.maxFileBytes,
    warnings: warningsOf(policy, rules),
  };
}

function screensOf({ screens = {} }: Policy): PolicyMeaning['screens'] {
  const { burnedIn = 'hold', holdImageTypes = [], holdSopClasses = [] } = screens;
  return [
    { id: 'IMG-005', what: 'images that say YES of burned-in annotations' },
    ...(burnedIn === 'hold'
      ? []
      : [{ id: 'IMG-050', what: 'images that do not say NO of burned-in annotations' }]),
    ...holdImageTypes.map((type) => ({ id: 'IMG-051', what: `images of the type ${type}` })),
    ...holdSopClasses.map((uid) => ({ id: 'IMG-052', what: `objects of the class ${uid}` })),
  ];
}

function ruleMeaning(
  { element, action, value, reason }: NonNullable<Policy['elements']>[number],
  profile: Profile,
): RuleMeaning {
  const found = nameElement(element);
  if (!isNamed(found)) throw new TypeError('A policy has to be checked before it is explained.');
  const [tag = 0] = found.tags;
  return {
    keyword: found.keyword,
    tag: found.tag,
    without: doneWord(actionWithout(tag, profile)),
    action: doneWord(action),
    ...(value === undefined ? {} : { value }),
    reason,
  };
}

/** What the table and the options say of an element at the top level, rules aside. */
export function actionWithout(tag: Tag, profile: Profile): string {
  return decide({ ...profile, rules: NO_RULES }, tag, false, lookUp(tag)?.vrs[0]).action;
}

const NO_RULES: Profile['rules'] = new Map();

/** Repeating groups are one attribute of the table, and so are all private elements. */
function countAttributes(profile: Profile): Record<string, number> {
  const counts = new Map(DONE_WORDS.map((word) => [word, 0]));
  for (const [pattern = ''] of lines) {
    const tag = pattern === 'odd' ? 0x00091001 : Number.parseInt(pattern.replaceAll('x', '0'), 16);
    const word = doneWord(profile.rules.get(tag)?.action ?? actionWithout(tag, profile));
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].filter(([, count]) => count > 0));
}

/** Modalities whose pixels seldom carry text. */
const PLAIN_MODALITIES = new Set(['CT', 'MR', 'PT', 'NM']);

function warningsOf(policy: Policy, rules: readonly RuleMeaning[]): string[] {
  const has = (option: Policy['options'][number]): boolean => policy.options.includes(option);
  const warnings: string[] = [];
  if (has('retainUids') && has('retainLongitudinalModifiedDates')) {
    warnings.push(
      'UIDs are kept while dates are shifted: a UID often holds the date it was made on, and leads to the image in the archive of the hospital.',
    );
  }
  if (has('retainLongitudinalFullDates')) {
    warnings.push('Dates leave as they are: with a place they can be enough to find a person.');
  }
  const isPlain = policy.modalities.every((modality) => PLAIN_MODALITIES.has(modality));
  if (!isPlain && policy.screens?.burnedIn !== 'holdUnlessNo') {
    warnings.push(
      'Modalities are taken in whose pixels often carry text; screens.burnedIn: holdUnlessNo would hold those that do not deny it.',
    );
  }
  if (policy.patientId.issuer === 'ignore') {
    warnings.push('Equal ids of two issuers are taken for one patient.');
  }
  // Options that are known and not supported yet never get here: the policy was checked.
  const cleansText = policy.options.some((option) => String(option) === 'cleanDescriptors');
  const cleansByRule = rules.some(({ action }) => action === 'cleaned');
  if ((policy.vocabularies ?? []).length > 0 && !cleansText && !cleansByRule) {
    warnings.push(
      'The vocabularies have no effect: without the option cleanDescriptors, or a rule that says clean, no text is cleaned.',
    );
  }
  for (const { keyword, tag, action, without } of rules) {
    if (action === without) {
      warnings.push(`The rule about ${keyword} ${tag} says what is done anyway: ${without}.`);
    }
  }
  return [...warnings, ...keptText(policy)];
}

const MAX_NAMED = 5;

/** Text that stays without anything looking at it, but for the search for known identifiers. */
function keptText({ elements = [] }: Policy): string[] {
  const kept = elements.flatMap(({ element, action }) => {
    const found = nameElement(element);
    if (action !== 'keep' || !isNamed(found)) return [];
    const cleanable = findProfileRow(found.tags[0] ?? 0)?.options.get('D') === 'C';
    const isText = found.vr !== undefined && /^(?:LO|LT|SH|ST|UC|UT)$/.test(found.vr);
    return isText && cleanable ? [titleOf(found)] : [];
  });
  if (kept.length === 0) return [];
  const more = kept.length > MAX_NAMED ? ` and ${kept.length - MAX_NAMED} more` : '';
  return [
    `Free text stays as it is in ${kept.slice(0, MAX_NAMED).join(', ')}${more}: clean would keep only the words that are known.`,
  ];
}
