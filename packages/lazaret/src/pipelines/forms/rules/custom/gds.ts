import type { Slots } from '../layout.ts';
import { equals, isTruthy, numberOf } from '../python/value.ts';
import { readField, refuse, type Detail, type RuleCompiler } from '../rule.ts';
import { isRuleList } from '../rule-json.ts';

/**
 * `compute_gds`: the Geriatric Depression Scale of 15 questions, each answered with 0 or 1. Where
 * the scale was not attempted (`nogds` is 1) the score is 88. Else 15 answers give their sum,
 * 12 to 14 a prorated score, and fewer none.
 */
const QUESTIONS = 15;
const FEWEST_ANSWERS = 12;
const NOT_ATTEMPTED_SCORE = 88;

export const compileGds: RuleCompiler = (argument, place) => {
  if (!isRuleList(argument) || argument.length < QUESTIONS)
    return refuse(place, `"compute_gds" must be a list of at least ${QUESTIONS} fields.`);
  const names = argument.filter((name) => typeof name === 'string');
  if (names.length < argument.length) return refuse(place, '"compute_gds" must name fields.');
  const questions = names.map((name) => readField(place.scope, name));
  const notAttempted = readField(place.scope, 'nogds');
  const { slot } = place;
  const explain = (slots: Slots): readonly Detail[] => judge(slots, slot, questions, notAttempted);
  return { name: 'compute_gds', check: (slots) => explain(slots)[0]?.kind ?? null, explain };
};

const HOLDS: readonly Detail[] = [];

function judge(
  slots: Slots,
  slot: number,
  questions: readonly number[],
  notAttempted: number,
): readonly Detail[] {
  const score = slots[slot] ?? null;
  const skipped = slots[notAttempted] ?? null;
  let answered = 0;
  let sum = 0;
  for (const question of questions) {
    const answer = numberOf(slots[question] ?? null);
    if (answer !== 0 && answer !== 1) continue;
    answered += 1;
    sum += answer;
  }
  const parameters = { answered };
  if (equals(skipped, 1)) {
    const details: Detail[] = [];
    if (!equals(score, NOT_ATTEMPTED_SCORE))
      details.push({ kind: 'ScaleSkippedButScored', index: 0, expected: '88' });
    if (answered >= FEWEST_ANSWERS)
      details.push({ kind: 'ScaleSkippedButAnswered', index: 1, parameters });
    return details.length === 0 ? HOLDS : details;
  }
  const computed = { expectedClass: 'phi' } as const;
  if (answered === QUESTIONS && !equals(score, sum))
    return [{ kind: 'ScaleScoreWrong', index: 2, expected: String(sum), ...computed }];
  if (answered < FEWEST_ANSWERS)
    return isTruthy(skipped) ? HOLDS : [{ kind: 'ScaleTooFewAnswers', index: 4, parameters }];
  // A half is rounded up, as the form's instructions say.
  const prorated = Math.floor(sum + (sum / answered) * (QUESTIONS - answered) + 0.5);
  if (equals(score, prorated)) return HOLDS;
  return [
    {
      kind: 'ScaleProratedScoreWrong',
      index: 3,
      parameters,
      expected: String(prorated),
      ...computed,
    },
  ];
}
