/** Outcomes of the last so many milliseconds. What is older has never been. */
export interface OutcomeWindow {
  readonly add: (failed: boolean, atMs: number) => void;
  readonly counts: (atMs: number) => { readonly calls: number; readonly failures: number };
  readonly clear: () => void;
}

/** The window moves by this fraction of its length; memory stays the same however many calls. */
const SLOTS = 20;

/**
 * A sliding window that forgets by time alone. Each read drops what has left the window, so that
 * failures from before an idle hour do not count with the first one after it.
 */
export function createOutcomeWindow(lengthMs: number): OutcomeWindow {
  const slotMs = lengthMs / SLOTS;
  let slots: { readonly index: number; calls: number; failures: number }[] = [];
  const forget = (atMs: number): void => {
    const oldest = Math.floor(atMs / slotMs) - SLOTS + 1;
    slots = slots.filter(({ index }) => index >= oldest);
  };
  return {
    add: (failed, atMs) => {
      forget(atMs);
      const index = Math.floor(atMs / slotMs);
      let slot = slots.at(-1);
      if (slot?.index !== index) {
        slot = { index, calls: 0, failures: 0 };
        slots.push(slot);
      }
      slot.calls += 1;
      if (failed) slot.failures += 1;
    },
    counts: (atMs) => {
      forget(atMs);
      let calls = 0;
      let failures = 0;
      for (const slot of slots) {
        calls += slot.calls;
        failures += slot.failures;
      }
      return { calls, failures };
    },
    clear: () => {
      slots = [];
    },
  };
}
