import type { NamedEntry } from '../catalogue.ts';
import type { Blame, Release } from '../entry.ts';
import { messageParts, renderText } from './text.ts';

const WHO: Readonly<Record<Blame, string>> = {
  caller: 'whoever made the call',
  data: 'the site that sent the data',
  dependency: 'whoever runs the other system',
  operator: 'whoever runs Lazaret',
  us: 'the developers of Lazaret',
};

const RELEASE: Readonly<Record<Release, string>> = {
  none: 'holds nothing',
  replay: 'let go only by passing the same checks again',
  reason: 'a person may let it go, with a reason',
  second: 'two people together may let it go, with a reason',
};

/** Who has to act, in words. */
export function whoActs(entry: NamedEntry): string {
  return WHO[entry.blame];
}

/** How something held may be let go, in words. */
export function releaseText(entry: NamedEntry): string {
  return RELEASE[entry.release];
}

export function retryText(entry: NamedEntry): string {
  return entry.retry === 'dependency'
    ? "repeated by the dependency's policy before anybody is bothered"
    : 'not repeated: it would fail again';
}

/** The example of an entry as its user would read it. */
export function exampleText(entry: NamedEntry): string {
  return renderText(entry, entry.example);
}

/** What `lazaret explain IMG-004` prints. Lines are not wrapped; the terminal knows its width. */
export function explain(entry: NamedEntry): string {
  const lines = [
    `${entry.id}  ${entry.title}`,
    `${entry.name}, a ${entry.kind === 'fault' ? 'fault' : `finding of type ${entry.type}`}, since ${entry.since}`,
    ...(entry.deprecated === undefined ? [] : [`Deprecated: ${entry.deprecated}`]),
    '',
    'It reads',
    `  ${exampleText(entry)}`,
    '',
    'What to do',
    `  ${messageParts(entry, entry.example).action}`,
    '',
    `Who acts   ${whoActs(entry)}`,
    `Retry      ${retryText(entry)}`,
    `Release    ${releaseText(entry)}`,
    '',
    'For those who run Lazaret',
    `  Check     ${entry.runbook.check}`,
    `  Fix       ${entry.runbook.fix}`,
    `  Escalate  ${entry.runbook.escalate}`,
    '',
    `HTTP ${entry.status}, OperationOutcome ${entry.severity} / ${entry.issue}, logged as ${entry.level}`,
  ];
  return `${lines.join('\n')}\n`;
}
