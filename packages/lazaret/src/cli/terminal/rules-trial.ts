/** What other rules would change, on a terminal: in a sentence, by standing, then by rule. */
import type { ChangeKind } from '../../pipelines/forms/rules-over-time/rule-changes.ts';
import type { TrialStanding } from '../../pipelines/forms/rules-over-time/rule-trial.ts';
import type { RulesTryDocument, TrialExample } from '../rules-try.ts';
import { tail } from './decision.ts';
import { nextBlock } from './next-commands.ts';
import { countOf, formatCount } from './number.ts';
import { readLines } from './read-values.ts';
import type { ListContext } from './rows.ts';
import { renderTable, type Cell } from './table.ts';
import { wrap } from './text-width.ts';

export function renderRuleTrial(trial: RulesTryDocument, context: ListContext): string {
  const { style } = context;
  const lines = [
    `${style.paint('bold', `rules of ${trial.module}`)}   those of ${trial.run} ${style.marks.arrow} the new ones`,
    ...wrap(basisText(trial), style.width),
    '',
    ...wrap(changesText(trial), style.width).map((line) => style.paint('bold', line)),
    ...standingLines(trial, context),
    ...ruleLines(trial, context),
    ...revealedLines(trial, context),
    '',
    'Nothing was changed.',
  ];
  // Why a rule would fire that does not count yet cannot be asked of the rules that do.
  const example = trial.rules
    .flatMap(({ examples }) => examples)
    .find(({ what }) => what !== 'new');
  const next = example === undefined ? [] : [`lazaret rules why ${example.item}${tail(context)}`];
  return `${[...lines, ...(next.length === 0 ? [] : ['', ...nextBlock(next, style)])].join('\n')}\n`;
}

function basisText({ kept, rejected, unknownDrugs, isSame }: RulesTryDocument): string {
  return [
    `${countOf(kept, 'visit')} that ${kept === 1 ? 'is' : 'are'} kept and ${countOf(rejected, 'rejected record')} were judged with both.`,
    ...(unknownDrugs === 0
      ? []
      : [`${countOf(unknownDrugs, 'code')} of drugs nobody has asked about so far.`]),
    ...(isSame ? ['The new rules are those that count already.'] : []),
  ].join(' ');
}

const KINDS: readonly ChangeKind[] = [
  ...(['new', 'becomes-error', 'becomes-alert', 'gone', 'asked-again'] as const),
];

/** `12 new failures, 3 clearances would be asked again.` */
function changesText({ totals }: RulesTryDocument): string {
  const words: Readonly<Record<ChangeKind, (count: number) => string>> = {
    new: (count) => countOf(count, 'new failure'),
    'becomes-error': (count) => `${countOf(count, 'alert')} would become ${errors(count)}`,
    'becomes-alert': (count) => `${countOf(count, 'error')} would become ${alerts(count)}`,
    gone: (count) => `${countOf(count, 'failure')} would be gone`,
    'asked-again': (count) => `${countOf(count, 'clearance')} would be asked again`,
  };
  const said = KINDS.filter((kind) => totals[kind] > 0).map((kind) => words[kind](totals[kind]));
  return said.length === 0 ? 'Nothing would be judged otherwise.' : `${said.join(', ')}.`;
}

function errors(count: number): string {
  return count === 1 ? 'an error' : 'errors';
}

function alerts(count: number): string {
  return count === 1 ? 'an alert' : 'alerts';
}

const STANDING_WORDS: Readonly<Record<TrialStanding, string>> = {
  delivered: 'delivered',
  held: 'held',
  rejected: 'rejected',
  recalled: 'recalled after delivery',
};

function standingLines({ standings }: RulesTryDocument, { style }: ListContext): string[] {
  if (standings.length === 0) return ['Every visit would stand as it does.'];
  const table = renderTable(
    [{ title: 'stands' }, { title: 'would be' }, { title: 'visits', align: 'right' }],
    standings.map(({ before, after, visits }): Cell[] => [
      STANDING_WORDS[before],
      STANDING_WORDS[after],
      visits,
    ]),
    style,
  );
  return ['', table.trimEnd()];
}

function ruleLines({ rules }: RulesTryDocument, { style }: ListContext): string[] {
  if (rules.length === 0) return [];
  const table = renderTable(
    [
      { title: 'code' },
      { title: 'field', least: 8 },
      { title: '' },
      { title: 'new', align: 'right' },
      { title: 'gone', align: 'right' },
      { title: 'other type', align: 'right', leaves: 2 },
      { title: 'asked again', align: 'right' },
      { title: 'for example', leaves: 1 },
      { title: 'what the rule says', wraps: true },
    ],
    rules.map(({ code, field, type, counts, examples, text }): Cell[] => [
      code,
      field,
      { text: type, colour: type === 'error' ? 'red' : 'yellow' },
      blankZero(counts.new),
      blankZero(counts.gone),
      blankZero(counts['becomes-error'] + counts['becomes-alert']),
      blankZero(counts['asked-again']),
      examples[0]?.item ?? '',
      text,
    ]),
    style,
  );
  return ['', table.trimEnd()];
}

function blankZero(count: number): string {
  return count === 0 ? '' : formatCount(count);
}

const CHANGE_WORDS: Readonly<Record<ChangeKind, string>> = {
  new: 'would fail',
  gone: 'would not fail any more',
  'becomes-error': 'an error instead of an alert',
  'becomes-alert': 'an alert instead of an error',
  'asked-again': 'cleared, and would be asked again',
};

/** Only where somebody asked to see them. */
function revealedLines({ rules }: RulesTryDocument, context: ListContext): string[] {
  return rules.flatMap(({ code, examples }) =>
    examples.flatMap(({ what, item, revealed }: TrialExample) =>
      revealed === undefined
        ? []
        : [
            '',
            `${code}: ${item}, ${revealed.subject.replace('|', ' / ')}, visit ${revealed.visit}: ${CHANGE_WORDS[what]}`,
            ...readLines(revealed.values, context),
          ],
    ),
  );
}
