/**
 * Does with one value what was decided. The value is looked at, because what the profile keeps has to
 * be what it should be, and may not name anybody.
 *
 * There is one way out of every doubt: the decision's `otherwise`, which keeps nothing.
 */
import { isTemporal, shiftDates } from './date-shift.ts';
import { cleanValue } from './deidentify-clean.ts';
import { dummyItem, dummyValue, encodeText } from './deidentify-dummy.ts';
import { encodeSequence } from './deidentify-encode.ts';
import { mayStay } from './deidentify-graphics.ts';
import { identityOf, type SourceIdentity } from './deidentify-identity.ts';
import type { Level } from './deidentify-level.ts';
import type { Recorder } from './deidentify-record.ts';
import { screenValue } from './deidentify-screen.ts';
import { readValues, TEXT_MAX_BYTES, writeValues } from './deidentify-text.ts';
import {
  areAges,
  areNumbers,
  capAge,
  cutToLength,
  fitsLength,
  isCode,
  textKindOf,
  toCode,
} from './deidentify-value.ts';
import { isOwnVr, nameVr, SHORT_MAX_BYTES } from './deidentify-vr.ts';
import { isPrivate } from './dictionary.ts';
import type { Edit, Element, PathStep, Tag, Walk } from './element.ts';
import type { Decision, ProfileAction } from './profile-action.ts';
import type { CompiledProfile } from './profile-compiled.ts';
import { readNumbers } from './read-value.ts';
import { isStandardUid, isValidUid, replaceUid, type KeyedBytes } from './uid.ts';
import { representationOf } from './value-representation.ts';

/** A number with so many digits that is an identifier of the source is one here too. */
const NUMBER_DIGITS_MIN = 6;
const CHARACTER_SET: Tag = 0x00080005;
const NUMERIC_VALUE: Tag = 0x0040a30a;
const SUBJECT_AGE = 'DCM 121033';
/** Well-known frames of reference (PS3.6 table A-2) are atlases, and belong to nobody. */
const ATLASES = '1.2.840.10008.1.4.';

const KEEP: Edit = { kind: 'keep' };
const REMOVE: Edit = { kind: 'remove' };

export interface ValueInput {
  readonly profile: CompiledProfile;
  readonly keyedBytes: KeyedBytes;
  readonly shiftDays: number;
}

export interface Done {
  readonly edit: Edit;
  /** What it came to, for the record. */
  readonly action: ProfileAction;
}

/** What is known of an element while it is worked on. */
export interface Subject {
  readonly element: Element;
  readonly path: readonly PathStep[];
  readonly level: Level;
  /** Of the element: the file's, or the dictionary's. */
  readonly vr: string;
  readonly decision: Decision;
}

/** One run over one file: holds what the file says about people. */
export class ValueEditor {
  readonly #walk: Walk;
  readonly #input: ValueInput;
  readonly #recorder: Recorder;
  #identity: SourceIdentity | undefined;

  constructor(walk: Walk, input: ValueInput, recorder: Recorder) {
    this.#walk = walk;
    this.#input = input;
    this.#recorder = recorder;
  }

  /** The UID that stands for another one in the output. */
  newUid(uid: string): string {
    const retained = this.#input.profile.profile.options.has('retainUids');
    return retained && isValidUid(uid) ? uid : replaceUid(uid, this.#input.keyedBytes);
  }

  edit(subject: Subject, action: Exclude<ProfileAction, 'descend'>): Done {
    const { element, vr, decision } = subject;
    switch (action) {
      case 'keep':
        if (decision.rule !== undefined) return { edit: nameVr(this.#walk, element, vr), action };
        return this.#keep(subject);
      case 'remove':
        return { edit: REMOVE, action };
      case 'empty':
        return { edit: { kind: 'replace', value: new Uint8Array(0), vr }, action };
      case 'dummy':
        return { edit: this.#replaceByDummy(element, vr), action };
      case 'uid':
      case 'foreign-uid':
        return this.#replaceUids(subject, action === 'foreign-uid');
      case 'shift':
        return this.#shift(subject);
      case 'clean':
        return this.#clean(subject);
      case 'replace': {
        const value = encodeText(decision.rule?.value ?? '', vr);
        return { edit: { kind: 'replace', value, vr }, action };
      }
    }
  }

  #otherwise(subject: Subject): Done {
    const { otherwise } = subject.decision;
    // What was to be looked into, cleaned or moved cannot be done otherwise by doing it again.
    return this.edit(subject, isFinal(otherwise) ? otherwise : 'remove');
  }

  #keep(subject: Subject): Done {
    const { element, vr, path } = subject;
    const { tag } = element;
    if (element.valueLength === 0) return { edit: nameVr(this.#walk, element, vr), action: 'keep' };
    if (!isOwnVr(tag, element.vr, vr)) {
      this.#recorder.note('vr-not-of-element', path, tag);
      return this.#otherwise(subject);
    }
    if (tag === CHARACTER_SET) return this.#keepCharacterSet(subject);
    const kind = textKindOf(vr);
    if (kind === undefined) return this.#named(element, vr);
    if (element.valueLength > TEXT_MAX_BYTES) return this.#unsound(subject);
    const values = this.#values(subject);
    switch (kind) {
      case 'number':
        return this.#keepNumbers(subject, values);
      case 'age': {
        if (!areAges(values)) return this.#unsound(subject);
        const capped = values.map((age) => capAge(age));
        if (capped.some((age, at) => age !== values[at])) {
          this.#recorder.note('age-capped', path, tag);
        }
        return this.#write(subject, values, capped, 'keep');
      }
      case 'uid':
        return this.#keepUids(subject, values);
      case 'time': {
        if (isTemporal(values.join('\\'), vr === 'DA' || vr === 'DT' ? vr : 'TM')) {
          return this.#named(element, vr);
        }
        this.#recorder.note('date-not-shiftable', path, tag);
        return this.#otherwise(subject);
      }
      case 'code':
      case 'text':
        return this.#screen(subject, values);
    }
  }

  #keepCharacterSet(subject: Subject): Done {
    const { element, level, path, vr } = subject;
    if (level.charset.unknown.length === 0) return this.#named(element, vr);
    this.#recorder.note('value-not-of-vr', path, element.tag);
    return { edit: REMOVE, action: 'remove' };
  }

  #keepNumbers(subject: Subject, values: readonly string[]): Done {
    const { element, level, path, vr } = subject;
    const identity = this.#identityOfSource();
    const named = values.some(
      (value) =>
        value.length >= NUMBER_DIGITS_MIN && /^\d+$/.test(value) && identity.isNamed(value),
    );
    if (!areNumbers(values) || named) return this.#unsound(subject);
    if (element.tag === NUMERIC_VALUE && level.content !== null && level.concept === SUBJECT_AGE) {
      // The unit is not looked at: nobody is 90 days old in a study and 91 in another.
      const capped = values.map((value) => (Number(value) > 90 ? '90' : value));
      if (capped.some((value, at) => value !== values[at])) {
        this.#recorder.note('age-capped', path, element.tag);
        return this.#write(subject, values, capped, 'keep');
      }
    }
    return this.#named(element, vr);
  }

  #keepUids(subject: Subject, values: readonly string[]): Done {
    const { element, path, vr } = subject;
    const { options } = this.#input.profile.profile;
    if (!options.has('retainLongitudinalFullDates')) {
      const dated = values.some((uid) => this.#identityOfSource().isDated(uid));
      if (dated) this.#recorder.note('uid-holds-date', path, element.tag);
    }
    if (values.every((uid) => uid === '' || isValidUid(uid))) return this.#named(element, vr);
    this.#recorder.note('value-not-of-vr', path, element.tag);
    const { keyedBytes } = this.#input;
    const fresh = values.map((uid) =>
      uid === '' || isValidUid(uid) ? uid : replaceUid(uid, keyedBytes),
    );
    return this.#replaced(encodeText(fresh.join('\\'), 'UI'), 'UI', 'uid');
  }

  /** Text that stays, but for words that name somebody and values that its VR cannot have. */
  #screen(subject: Subject, values: readonly string[]): Done {
    const { element, path, vr } = subject;
    const { tag } = element;
    const identity = this.#identityOfSource();
    const code = vr === 'CS';
    let strange = false;
    let named = false;
    const left = values.map((value) => {
      if (code ? isCode(value) : fitsLength(value, vr)) {
        const screened = screenValue(value, tag, identity, code);
        named ||= screened !== value;
        return screened;
      }
      const cleaned = this.#cleanOne(value, tag);
      strange ||= cleaned !== value || !fitsLength(value, vr);
      return code ? toCode(cleaned) : cutToLength(cleaned, vr);
    });
    if (strange) this.#recorder.note('value-not-of-vr', path, tag);
    if (named) this.#recorder.note('identifier-removed', path, tag);
    return this.#write(subject, values, left, 'keep');
  }

  #clean(subject: Subject): Done {
    const { element, vr, path, level } = subject;
    const kind = textKindOf(vr);
    if (kind === undefined) return this.#cleanBytes(subject);
    if (kind !== 'text' && (kind !== 'code' || !isPrivate(element.tag))) return this.#keep(subject);
    if (element.valueLength === 0) return { edit: nameVr(this.#walk, element, vr), action: 'keep' };
    const { tag } = element;
    if (element.valueLength > TEXT_MAX_BYTES || vr === 'PN') return this.#otherwise(subject);
    const values = this.#values(subject);
    const left = values.map((value) => {
      const cleaned = this.#cleanOne(value, tag);
      return kind === 'code' ? toCode(cleaned) : cutToLength(cleaned, vr);
    });
    if (left.every((value, at) => value === values[at])) {
      this.#recorder.clean(path, tag, 'whole');
      return this.#named(element, vr);
    }
    const bytes = left.some((value) => value !== '') ? writeValues(left, vr, level.charset) : null;
    this.#recorder.clean(path, tag, bytes === null ? 'emptied' : 'shortened');
    return bytes === null ? this.#otherwise(subject) : this.#replaced(bytes, vr, 'clean');
  }

  /** Numbers of a drawing stay, and its bytes where they can be no writing. */
  #cleanBytes(subject: Subject): Done {
    const { element, level, vr } = subject;
    const width = representationOf(vr)?.width ?? 0;
    if (width > 0 && !vr.startsWith('O')) return this.#named(element, vr);
    const stays = mayStay(
      element,
      level.elements,
      (one) => readValues(this.#walk, one, 'CS', () => level.charset).join('\\'),
      (one) => readNumbers(this.#walk, one)[0],
    );
    return stays ? { edit: KEEP, action: 'keep' } : this.#otherwise(subject);
  }

  #cleanOne(value: string, tag: Tag): string {
    return cleanValue(value, tag, this.#input.profile.words, this.#identityOfSource());
  }

  /** What is left of text; the element as it was where that is all of it. */
  #write(
    subject: Subject,
    values: readonly string[],
    left: readonly string[],
    action: ProfileAction,
  ): Done {
    const { element, level, vr } = subject;
    if (left.every((value, at) => value === values[at])) {
      // Words that mean nothing in the character set were not read, and may not be copied.
      return this.#named(element, vr, values, level);
    }
    if (left.every((value) => value === '')) return this.#otherwise(subject);
    const bytes = writeValues(left, vr, level.charset);
    return bytes === null ? this.#otherwise(subject) : this.#replaced(bytes, vr, action);
  }

  #shift(subject: Subject): Done {
    const { element, path, vr } = subject;
    if (element.valueLength === 0) return { edit: nameVr(this.#walk, element, vr), action: 'keep' };
    const text =
      element.valueLength > TEXT_MAX_BYTES ? 'too long' : this.#values(subject).join('\\');
    const moved = shiftDates(text, vr === 'DA' ? 'DA' : 'DT', this.#input.shiftDays);
    if (moved !== null) return this.#replaced(encodeText(moved, vr), vr, 'shift');
    this.#recorder.note('date-not-shiftable', path, element.tag);
    return this.#otherwise(subject);
  }

  #replaceUids(subject: Subject, keepStandard: boolean): Done {
    const { element } = subject;
    if (element.valueLength > TEXT_MAX_BYTES) return { edit: REMOVE, action: 'remove' };
    const uids = this.#values(subject);
    if (keepStandard && uids.every((uid) => isStandardUid(uid)) && element.vr === 'UI') {
      return { edit: KEEP, action: 'foreign-uid' };
    }
    const fresh = uids.map((uid) => {
      if (uid === '' || (keepStandard && isStandardUid(uid))) return uid;
      if (uid.startsWith(ATLASES) && isStandardUid(uid)) return uid;
      return replaceUid(uid, this.#input.keyedBytes);
    });
    return this.#replaced(encodeText(fresh.join('\\'), 'UI'), 'UI', 'uid');
  }

  #replaceByDummy(element: Element, vr: string): Edit {
    // An empty value tells nothing, and a dummy in its place would invent something.
    if (element.valueLength === 0) return { kind: 'replace', value: new Uint8Array(0), vr };
    if (vr !== 'SQ') return { kind: 'replace', value: dummyValue(vr), vr };
    const items = encodeSequence([dummyItem(element.tag)], this.#walk.syntax);
    return { kind: 'replace', value: items, vr };
  }

  #unsound(subject: Subject): Done {
    this.#recorder.note('value-not-of-vr', subject.path, subject.element.tag);
    return this.#otherwise(subject);
  }

  #replaced(value: Uint8Array, vr: string, action: ProfileAction): Done {
    const long = representationOf(vr)?.long === true;
    if (!long && value.length > SHORT_MAX_BYTES) return { edit: REMOVE, action: 'remove' };
    return { edit: { kind: 'replace', value, vr }, action };
  }

  /** The element as it is, under its own VR. */
  #named(element: Element, vr: string, values?: readonly string[], level?: Level): Done {
    if (values !== undefined && level !== undefined && !this.#readsAs(element, values)) {
      const bytes = writeValues(values, vr, level.charset);
      return bytes === null
        ? { edit: REMOVE, action: 'remove' }
        : this.#replaced(bytes, vr, 'keep');
    }
    const edit = nameVr(this.#walk, element, vr);
    return { edit, action: edit.kind === 'remove' ? 'remove' : 'keep' };
  }

  /** Whether nothing was left out when the values were read: what is ASCII always reads. */
  #readsAs(element: Element, values: readonly string[]): boolean {
    if (values.some((value) => NOT_ASCII.test(value))) return true;
    const bytes = this.#walk.source.read(element.valueOffset, element.valueLength);
    return bytes.every((byte) => byte < 0x80);
  }

  #values({ element, vr, level }: Subject): readonly string[] {
    return readValues(this.#walk, element, vr, () => level.charset);
  }

  #identityOfSource(): SourceIdentity {
    const { options } = this.#input.profile.profile;
    this.#identity ??= identityOf(this.#walk, {
      keepsInstitution: options.has('retainInstitutionIdentity'),
      keepsDates: options.has('retainLongitudinalFullDates'),
    });
    return this.#identity;
  }
}

const NOT_ASCII = /[^\x00-\x7f]/;
type FinalAction = 'remove' | 'empty' | 'dummy' | 'uid';

function isFinal(action: ProfileAction): action is FinalAction {
  return action === 'remove' || action === 'empty' || action === 'dummy' || action === 'uid';
}
