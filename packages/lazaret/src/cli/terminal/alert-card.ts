/** One alert in full: its rule, how it stands, where, and everything that has happened to it. */
import { escapeText } from '@lazaret/faults';
import type { ProvenanceEvent } from '../../pipelines/forms/alerts/provenance.ts';
import type { AlertDocument } from '../alerts.ts';
import { colourOfAlert, placeText, STANDING_WORDS } from './alert-list.ts';
import { paragraphs, tail } from './decision.ts';
import { labelled, timeText } from './fact-lines.ts';
import { neighbourFacts } from './neighbour-facts.ts';
import { nextBlock } from './next-commands.ts';
import { countOf, formatAgo } from './number.ts';
import { readLines } from './read-values.ts';
import type { ListContext } from './rows.ts';
import { definitionText } from './rule-why.ts';
import { wrap } from './text-width.ts';

export function renderAlert(alert: AlertDocument, context: ListContext): string {
  const { style, now } = context;
  const { standing, since, revealed } = alert;
  const at = new Date(since);
  const facts: [string, string][] = [
    ['rule', ruleText(alert)],
    ['says', alert.message],
    ...(alert.definition === null
      ? []
      : [
          ['defined', `${alert.rule}: ${definitionText(alert.definition)}`] satisfies [
            string,
            string,
          ],
        ]),
    ['since', `${formatAgo(at, now)}, ${timeText(at, context)}`],
    ['visit', visitText(alert)],
    ...(alert.neighbours === null ? [] : neighbourFacts(alert.neighbours)),
    ...(revealed === undefined
      ? []
      : ([
          ['subject', `${revealed.subject.replace('|', ' / ')}, visit ${revealed.visit}`],
        ] satisfies [string, string][])),
    ['version', alert.version],
  ];
  const open = standing !== 'cleared' && standing !== 'closed';
  const sign = open
    ? style.sign('held')
    : style.sign(standing === 'cleared' ? 'delivered' : 'skipped');
  const lines = [
    `${sign} ${style.paint('bold', alert.alert)}   ${style.paint(colourOfAlert(standing), STANDING_TEXTS[standing])}`,
    '',
    ...labelled(facts, context),
    '',
    style.paint('bold', 'What the rule read'),
    ...valueLines(alert, context),
    '',
    style.paint('bold', 'What happened'),
    ...alert.provenance.flatMap((event) => eventLines(event, context)),
    '',
    ...nextBlock(commandsFor(alert, open, context), style),
  ];
  return `${lines.join('\n')}\n`;
}

/** A rule about a visit as a whole is of no field. */
function ruleText({ code, rule, field, module }: AlertDocument): string {
  return `${code}: ${rule}${field === '' ? '' : ` of ${field}`}, form ${module}`;
}

const STANDING_TEXTS: Readonly<Record<AlertDocument['standing'], string>> = {
  new: 'open: nobody has judged it',
  'raised-again': 'open: values have changed since it was cleared',
  'rule-changed': 'open: the rule has changed since it was cleared',
  uncleared: 'open: its clearance was taken back',
  cleared: 'cleared',
  closed: 'closed: the rule holds now',
};

/** What holding means for the visit, in words. */
const ITEM_STANDS: Readonly<Record<NonNullable<AlertDocument['itemStands']>, string>> = {
  delivered: 'delivered',
  held: 'held',
  rejected: 'rejected for an error that has to be mended first',
  skipped: 'skipped',
  duplicate: 'a duplicate',
  recalled: 'recalled: it was delivered, and does not pass any more',
  failed: 'held, and it has errors now, since an earlier visit has changed',
};

function visitText({ itemStands, others, ...alert }: AlertDocument): string {
  const stands = itemStands === null ? 'not settled yet' : ITEM_STANDS[itemStands];
  const more =
    others.length === 0
      ? ''
      : `; ${countOf(others.length, 'other alert')} of it ${others.length === 1 ? 'is' : 'are'} open: ${others.join(', ')}`;
  return `${placeText(alert)}, ${stands}${more}`;
}

function valueLines({ revealed }: AlertDocument, context: ListContext): string[] {
  if (revealed === undefined) {
    return paragraphs(
      ['Sealed, since it may identify a person. --reveal shows it, and the look is recorded.'],
      context,
    );
  }
  return readLines(revealed.values, context);
}

/** The widest of the words below. */
const WORD_WIDTH = 12;

function eventLines(event: ProvenanceEvent, context: ListContext): string[] {
  const head = `  ${timeText(new Date(event.at), context)}  ${wordsOf(event).padEnd(WORD_WIDTH)}  `;
  const lines = wrap(
    escapeText(textOf(event, context)),
    Math.max(24, context.style.width - head.length),
  );
  return lines.map((line, at) => `${at === 0 ? head : ' '.repeat(head.length)}${line}`);
}

function wordsOf({ what }: ProvenanceEvent): string {
  return what === 'still-open'
    ? 'still open'
    : what === 'kept'
      ? 'kept'
      : what === 'raised'
        ? 'raised'
        : STANDING_WORDS[what];
}

function textOf(event: ProvenanceEvent, context: ListContext): string {
  if ('by' in event) {
    return `by ${event.by}: ${event.reason} (decision ${event.decision.slice(0, DECISION_CHARACTERS)})`;
  }
  const { what, item, times, earlier } = event;
  const before =
    earlier === null
      ? ''
      : `; cleared before by ${earlier.by}, ${timeText(new Date(earlier.at), context)}: ${earlier.reason}`;
  const often = times === 1 ? '' : `, ${countOf(times, 'check')} in a row`;
  return `${item}${often}${CHECK_TEXTS[what]}${before}`;
}

const CHECK_TEXTS: Readonly<
  Record<Exclude<ProvenanceEvent['what'], 'cleared' | 'uncleared'>, string>
> = {
  raised: '',
  'still-open': ', as before',
  kept: ', same rule and values: the clearance holds',
  'raised-again': ', other values',
  'rule-changed': ', another rule',
  closed: ', the rule holds',
};

/** As many as `--decision` wants at least. */
const DECISION_CHARACTERS = 8;

function commandsFor(alert: AlertDocument, open: boolean, context: ListContext): string[] {
  const { alert: name, version, standing, revealed, item, itemStands } = alert;
  const decide = (verb: string): string =>
    `lazaret alerts ${verb} ${name} --version ${version} --reason "…"${tail(context)}`;
  return [
    ...(open ? [decide('clear')] : []),
    ...(standing === 'cleared' ? [decide('unclear')] : []),
    ...(revealed === undefined ? [`lazaret alerts show ${name} --reveal${tail(context)}`] : []),
    ...(itemStands === 'held' || itemStands === 'failed'
      ? [`lazaret held show ${item}${tail(context)}`]
      : []),
  ];
}
