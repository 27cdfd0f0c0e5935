/** What other rules find otherwise, counted by rule, with a few visits to look at. */
import type { BrokenRule } from '../checker.ts';
import type { Evaluated, Evaluation, JudgedRule } from '../judging/evaluate.ts';

/** What would become of one failure. */
export type ChangeKind =
  /** Broken now, and not before. */
  | 'new'
  /** Broken before, and not any more. */
  | 'gone'
  /** An alert before; errors cannot be cleared. */
  | 'becomes-error'
  | 'becomes-alert'
  /** Cleared before; the clearance would not hold any more. */
  | 'asked-again';

/** A visit that a rule would judge otherwise. */
export interface ChangeExample {
  readonly what: ChangeKind;
  /** Run and item that brought the visit: `<run>/<item>`. */
  readonly id: string;
  readonly subject: string;
  readonly visit: string;
  readonly reads: BrokenRule['reads'];
}

export interface RuleChange {
  readonly module: string;
  readonly field: string;
  readonly rule: string;
  readonly code: string;
  /** As it would be; of a rule that does not fire any more, as it was. */
  readonly type: 'error' | 'alert';
  readonly text: string;
  readonly counts: Readonly<Record<ChangeKind, number>>;
  /** A few of each kind. */
  readonly examples: readonly ChangeExample[];
}

const MOST_EXAMPLES = 3;

interface Tallied extends RuleChange {
  readonly counts: Record<ChangeKind, number>;
  readonly examples: ChangeExample[];
}

export class RuleChanges {
  readonly #changes = new Map<string, Tallied>();

  /** Compares two evaluations of one visit. */
  compare(about: Evaluated & { readonly id: string }, before: Evaluation, after: Evaluation): void {
    // Most visits are sound, before and after.
    if (before.rules.length === 0 && after.rules.length === 0) return;
    const was = byRule(before);
    const is = byRule(after);
    for (const [slot, rule] of is) {
      const kind = changeOf(was.get(slot), rule);
      if (kind !== null) this.#add(kind, rule.broken, about);
    }
    for (const [slot, rule] of was) if (!is.has(slot)) this.#add('gone', rule.broken, about);
  }

  /** Those with the most changes first. */
  get all(): readonly RuleChange[] {
    return [...this.#changes.values()].sort(
      (a, b) => sumOf(b.counts) - sumOf(a.counts) || (a.code < b.code ? -1 : 1),
    );
  }

  total(kind: ChangeKind): number {
    let total = 0;
    for (const { counts } of this.#changes.values()) total += counts[kind];
    return total;
  }

  #add(
    kind: ChangeKind,
    broken: BrokenRule,
    { module, id, subject, visit }: Evaluated & { readonly id: string },
  ): void {
    const { field, rule, code, type, text, reads } = broken;
    const slot = JSON.stringify([module, field, rule]);
    let change = this.#changes.get(slot);
    if (change === undefined) {
      const counts = { new: 0, gone: 0, 'becomes-error': 0, 'becomes-alert': 0, 'asked-again': 0 };
      change = { module, field, rule, code, type, text, counts, examples: [] };
      this.#changes.set(slot, change);
    }
    change.counts[kind] += 1;
    if (change.counts[kind] > MOST_EXAMPLES) return;
    change.examples.push({ what: kind, id, subject, visit, reads });
  }
}

function byRule({ rules }: Evaluation): Map<string, JudgedRule> {
  return new Map(rules.map((one) => [`${one.broken.field} ${one.broken.rule}`, one]));
}

function changeOf(was: JudgedRule | undefined, is: JudgedRule): ChangeKind | null {
  if (was === undefined) return 'new';
  if (was.broken.type !== is.broken.type) {
    return is.broken.type === 'error' ? 'becomes-error' : 'becomes-alert';
  }
  const wasCleared = was.alert !== null && was.alert.decision !== null;
  return wasCleared && is.alert?.decision === null ? 'asked-again' : null;
}

function sumOf(counts: RuleChange['counts']): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
