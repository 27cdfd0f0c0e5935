/** Why a rule fired: the rule as it was written, what it read, and where that came from. */
import type { FiredRule, RulesWhyDocument } from '../rules-why.ts';
import { placeText, STANDING_WORDS } from './alert-list.ts';
import { paragraphs, tail } from './decision.ts';
import { labelled } from './fact-lines.ts';
import { neighbourFacts } from './neighbour-facts.ts';
import { nextBlock } from './next-commands.ts';
import { readLines, VISIT_WORDS } from './read-values.ts';
import type { ListContext } from './rows.ts';

export function renderRuleWhy(why: RulesWhyDocument, context: ListContext): string {
  const { style } = context;
  const { fired, revealed, item, module, run } = why;
  const about: [string, string][] = [
    ['form', module],
    ['checked by', run],
    ...(revealed === undefined
      ? []
      : ([
          ['subject', `${revealed.subject.replace('|', ' / ')}, visit ${revealed.visit}`],
        ] satisfies [string, string][])),
    ...(why.neighbours === null ? besideFacts(why) : neighbourFacts(why.neighbours)),
  ];
  const blocks = fired.flatMap((rule) => ['', ...ruleLines(rule, why, context)]);
  const sealed =
    revealed === undefined && fired.length > 0
      ? [
          '',
          ...paragraphs(
            [
              'Values are sealed, since they may identify a person. --reveal shows them, and the look is recorded.',
            ],
            context,
          ),
        ]
      : [];
  const [first] = fired;
  const next = [
    ...(revealed === undefined && first !== undefined
      ? [`lazaret rules why ${first.alert ?? item} --reveal${tail(context)}`]
      : []),
    ...(first === undefined || first.alert === null
      ? []
      : [`lazaret alerts show ${first.alert}${tail(context)}`]),
  ];
  return `${[
    style.paint('bold', placeText({ ...why, item })),
    '',
    ...labelled(about, context),
    ...(fired.length === 0 ? ['', 'No rule fires for it.'] : blocks),
    ...sealed,
    ...(next.length === 0 ? [] : ['', ...nextBlock(next, style)]),
  ].join('\n')}\n`;
}

/** Of a visit that does not count itself: nothing is checked again for it. */
function besideFacts({ beside }: RulesWhyDocument): [string, string][] {
  return beside.map(({ visit, module, item }) => [
    VISIT_WORDS[visit] ?? `the same visit of ${module}`,
    item ?? 'there was none',
  ]);
}

function ruleLines(rule: FiredRule, { beside }: RulesWhyDocument, context: ListContext): string[] {
  const { style } = context;
  const { type, code, alert, standing, field, message, definition, values, read } = rule;
  const sign = style.sign(type === 'error' ? 'rejected' : 'held');
  const stands = standing === null ? '' : `, ${STANDING_WORDS[standing]}`;
  const kind = type === 'error' ? 'error' : `alert ${alert ?? ''}${stands}`;
  const items = new Map(
    beside.flatMap(({ visit, item }) => (item === null ? [] : [[visit as string, item] as const])),
  );
  return [
    `${sign} ${style.paint('bold', code)}   ${kind}`,
    ...labelled(
      [
        ['rule', `${rule.rule}${field === '' ? '' : ` of ${field}`}`],
        ['says', message],
        ...(definition === null
          ? []
          : [['defined', definitionText(definition)] satisfies [string, string]]),
        ...(values === undefined && read.length > 0
          ? [['read', readText(read)] satisfies [string, string]]
          : []),
      ],
      context,
    ),
    ...(values === undefined || values.length === 0 ? [] : readLines(values, context, items)),
  ];
}

/** With blanks in it, at which a line can be broken. */
export function definitionText(definition: unknown): string {
  return JSON.stringify(definition, null, 1).replaceAll(/\n */g, ' ');
}

function readText(read: FiredRule['read']): string {
  return read.map(({ visit, field }) => `${field} of ${VISIT_WORDS[visit] ?? visit}`).join(', ');
}
