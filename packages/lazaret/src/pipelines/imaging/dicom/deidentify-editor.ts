/**
 * Decides, element by element, while a file is written anew. The profile says what is to be done
 * (`profile-action.ts`); here comes in where the element stands: in a content item, in a code, in a
 * private block. What is done with the value is the matter of `deidentify-value-editor.ts`.
 */
import { contentActionOf, isContentSequence, Levels, type Level } from './deidentify-level.ts';
import { findSafeBlocks, type SafeBlocks } from './deidentify-private.ts';
import type { Recorder } from './deidentify-record.ts';
import { readValues } from './deidentify-text.ts';
import {
  ValueEditor,
  type Done,
  type Subject,
  type ValueInput,
} from './deidentify-value-editor.ts';
import { textKindOf } from './deidentify-value.ts';
import { nameVr } from './deidentify-vr.ts';
import { isPrivate, lookUp } from './dictionary.ts';
import type { Edit, Element, PathStep, Tag, Walk } from './element.ts';
import { isClassic, type Decision, type ProfileAction } from './profile-action.ts';

const TEXT_VALUE: Tag = 0x0040a160;
const CONTENT_UID: Tag = 0x0040a124;
const CODE_MEANINGS = new Set<Tag>([0x00080104, 0x00080108]);
/** Value, scheme, version and meaning of a code (PS3.3 section 8). */
const CODES = new Set<Tag>([
  ...CODE_MEANINGS,
  ...[0x00080100, 0x00080102, 0x00080103, 0x00080119, 0x00080120],
]);
/** What a file says of its private blocks: they are others in the output, if there are any. */
const PRIVATE_CHARACTERISTICS: Tag = 0x00080300;

export interface EditorInput extends ValueInput {
  readonly sopClass: string;
}

const REMOVE: Edit = { kind: 'remove' };

/** One run over one file. */
export class ElementEditor {
  readonly #walk: Walk;
  readonly #input: EditorInput;
  readonly #recorder: Recorder;
  readonly #values: ValueEditor;
  readonly #levels: Levels;
  readonly #classic: boolean;
  readonly #privateBlocks = new WeakMap<readonly Element[], SafeBlocks>();
  readonly #privateEdits = new Map<Element, Done>();

  constructor(walk: Walk, input: EditorInput, recorder: Recorder) {
    this.#walk = walk;
    this.#input = input;
    this.#recorder = recorder;
    this.#values = new ValueEditor(walk, input, recorder);
    this.#levels = new Levels(walk, input.profile.profile);
    this.#classic = isClassic(input.sopClass);
  }

  edit(element: Element, path: readonly PathStep[]): Edit {
    const level = this.#levels.at(path);
    const { edit, action } = isPrivate(element.tag)
      ? this.#editPrivate(element, path, level)
      : this.#editPublic(element, path, level);
    if (edit.kind === 'descend') this.#levels.enter(element, path.length);
    this.#recorder.count(path, element.tag, action);
    return edit;
  }

  /** The UID that stands for another one in the output. */
  newUid(uid: string): string {
    return this.#values.newUid(uid);
  }

  #editPublic(element: Element, path: readonly PathStep[], level: Level): Done {
    const { tag } = element;
    if (tag === PRIVATE_CHARACTERISTICS) return { edit: REMOVE, action: 'remove' };
    const typed = this.#classic && path.length === 0;
    const decision = this.#input.profile.decide(tag, typed, element.vr);
    const subject = { element, path, level, vr: decision.vr, decision };
    if (decision.rule !== undefined) return this.#do(subject, decision.action);
    const done = this.#doInContext(subject);
    if (element.vr === 'UN' && done.edit.kind === 'remove') this.#noteUnnamed(subject);
    return done;
  }

  #doInContext(subject: Subject): Done {
    const { decision } = subject;
    const action = this.#inContext(subject);
    if (action !== 'clean' || decision.action === 'clean') return this.#do(subject, action);
    // A meaning, and most of what stands in such items, is required there.
    return this.#do({ ...subject, decision: { ...decision, otherwise: 'dummy' } }, action);
  }

  /** What is decided for an element may be another thing in a content item or a code. */
  #inContext({ element, level, decision, vr }: Subject): ProfileAction {
    const { tag } = element;
    const { options } = this.#input.profile.profile;
    if (tag === TEXT_VALUE && level.content !== null) {
      const said = level.content;
      return said === 'keep' || said === 'dummy' ? said : 'clean';
    }
    if (tag === CONTENT_UID && level.content === 'keep' && options.has('retainUids')) return 'keep';
    if (!level.cleaned || decision.action !== 'keep' || textKindOf(vr) !== 'text') {
      return decision.action;
    }
    // What an option brings back is cleaned to the last text, but for codes: of private ones only
    // the meaning, since the rest is no word.
    if (level.code === null || !CODES.has(tag)) return 'clean';
    return level.code === 'private' && CODE_MEANINGS.has(tag) ? 'clean' : 'keep';
  }

  #noteUnnamed({ element, path }: Subject): void {
    const named = lookUp(element.tag)?.vrs[0];
    if (named === undefined) return;
    // Whether the profile would have left something of the element, had it come with its VR.
    const { action } = this.#input.profile.decide(element.tag, false, named);
    if (action !== 'remove') this.#recorder.note('unknown-vr-removed', path, element.tag);
  }

  #editPrivate(element: Element, path: readonly PathStep[], level: Level): Done {
    const known = this.#privateEdits.get(element);
    if (known !== undefined) return known;
    const done = this.#decidePrivate(element, path, level);
    this.#privateEdits.set(element, done);
    return done;
  }

  #decidePrivate(element: Element, path: readonly PathStep[], level: Level): Done {
    const removed: Done = { edit: REMOVE, action: 'remove' };
    const { profile, safePrivate } = this.#input.profile;
    if (!profile.options.has('retainSafePrivate')) return removed;
    let blocks = this.#privateBlocks.get(level.elements);
    if (blocks === undefined) {
      const charset = (): Level['charset'] => level.charset;
      blocks = findSafeBlocks(level.elements, safePrivate, (creator) =>
        readValues(this.#walk, creator, 'LO', charset).join('\\'),
      );
      this.#privateBlocks.set(level.elements, blocks);
    }
    const block = blocks.creators.get(element);
    if (block !== undefined) {
      // The creator stays with what it explains, and goes where nothing of it stays.
      const stays = block.some((one) => this.#editPrivate(one, path, level).edit.kind !== 'remove');
      return stays ? { edit: nameVr(this.#walk, element, 'LO'), action: 'keep' } : removed;
    }
    const vr = blocks.safe.get(element)?.vr;
    return vr === undefined ? removed : this.#doSafe(element, path, level, vr);
  }

  /** A private element that is known to be safe: its value still has to be what it should be. */
  #doSafe(element: Element, path: readonly PathStep[], level: Level, vr: string): Done {
    const { options } = this.#input.profile.profile;
    const kind = textKindOf(vr);
    const full = options.has('retainLongitudinalFullDates');
    const modified = options.has('retainLongitudinalModifiedDates');
    let action: ProfileAction = 'keep';
    if (vr === 'SQ') action = element.vr === 'SQ' ? 'descend' : 'remove';
    else if (kind === 'uid') action = options.has('retainUids') ? 'keep' : 'foreign-uid';
    else if (kind === 'text' || kind === 'code') action = 'clean';
    else if (kind === 'time' && !full) {
      const moved = vr === 'TM' ? 'keep' : 'shift';
      action = modified ? moved : 'remove';
    }
    const decision: Decision = { action, otherwise: 'remove', vr };
    return this.#do({ element, path, level, vr, decision }, action);
  }

  #do(subject: Subject, action: ProfileAction): Done {
    return action === 'descend' ? this.#descend(subject) : this.#values.edit(subject, action);
  }

  #descend(subject: Subject): Done {
    const { element, level, path } = subject;
    if (element.items === undefined) {
      if (element.valueLength > 0) return { edit: REMOVE, action: 'remove' };
      return { edit: { kind: 'descend' }, action: 'descend' };
    }
    const { options } = this.#input.profile.profile;
    if (!options.has('cleanStructuredContent') || !isContentSequence(element.tag)) {
      return { edit: { kind: 'descend' }, action: 'descend' };
    }
    const without = new Set<number>();
    element.items.forEach((item, index) => {
      const said = contentActionOf(this.#walk, item.elements, level.charset, options);
      if (said === 'remove') without.add(index);
    });
    for (let at = 0; at < without.size; at++) this.#recorder.clean(path, element.tag, 'emptied');
    return { edit: { kind: 'descend', without }, action: 'descend' };
  }
}
