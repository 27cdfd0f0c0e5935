import type { Slots } from '../layout.ts';
import type { Value } from '../python/value.ts';
import { readField, type Scope } from '../rule.ts';
import type { RuleJson } from '../rule-json.ts';
import type { Run } from '../run.ts';

/** A value that a rule names: a field, a part of today's date, or the value itself. */
export type Operand = (slots: Slots, run: Run) => Value;

const TODAY: Readonly<Record<string, (run: Run) => Value>> = {
  current_date: (run) => run.context.today,
  current_year: (run) => run.context.today.year,
  current_month: (run) => run.context.today.month,
  current_day: (run) => run.context.today.day,
};

/** A text is the name of a field where the record has one of that name, and a value elsewhere. */
export function compileOperand(given: string | number, scope: Scope): Operand {
  if (typeof given === 'number') return () => given;
  const ofToday = Object.hasOwn(TODAY, given) ? TODAY[given] : undefined;
  if (ofToday !== undefined) return (_, run) => ofToday(run);
  const slot = readField(scope, given);
  return (slots) => {
    const value = slots[slot];
    return value === undefined ? given : value;
  };
}

export function isOperand(given: RuleJson | undefined): given is string | number {
  return typeof given === 'number' || (typeof given === 'string' && given !== '');
}
