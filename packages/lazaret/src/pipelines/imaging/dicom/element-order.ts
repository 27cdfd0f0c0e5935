import type { Element, Tag } from './element.ts';
import type { WalkState } from './walk-state.ts';

/** Watches over the order of the tags at one level, and over the lengths of their groups. */
export class ElementOrder {
  readonly #littleEndian: boolean;
  #last = -1;
  #ordered = true;
  #groupLength: { readonly element: Element; readonly end: number } | null = null;

  constructor(littleEndian: boolean) {
    this.#littleEndian = littleEndian;
  }

  add(state: WalkState, element: Element): void {
    const { tag, offset } = element;
    if (this.#groupLength !== null && this.#groupLength.element.tag >>> 16 !== tag >>> 16) {
      this.#checkGroup(state, offset);
    }
    if (tag <= this.#last) {
      this.#ordered = false;
      if (tag < this.#last) state.forgive('out-of-order', offset, tag);
    }
    this.#last = Math.max(this.#last, tag);
    if ((tag & 0xffff) === 0 && element.valueLength === 4) {
      const { valueOffset, end } = element;
      this.#groupLength = { element, end: end + state.u32(valueOffset, this.#littleEndian) };
    }
  }

  close(state: WalkState, end: number, elements: readonly Element[]): void {
    if (this.#groupLength !== null) this.#checkGroup(state, end);
    if (this.#ordered) return;
    const seen = new Set<Tag>();
    for (const { tag, offset } of elements) {
      if (seen.has(tag)) state.forgive('duplicate-tag', offset, tag);
      seen.add(tag);
    }
  }

  #checkGroup(state: WalkState, end: number): void {
    const wrong = this.#groupLength !== null && this.#groupLength.end !== end;
    if (wrong && this.#groupLength !== null) {
      const { offset, tag } = this.#groupLength.element;
      state.forgive('group-length-wrong', offset, tag);
    }
    this.#groupLength = null;
  }
}
