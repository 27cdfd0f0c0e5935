/** How a fault ends a command: what happened, what to do, where to read on. No stack. */
import { messageParts, escapeText, type Catalogue, type Fault } from '@lazaret/faults';
import type { Style } from './style.ts';
import { wrap } from './text-width.ts';

/**
 * Renders a fault for the one who gave the command. A mistake of theirs is one sentence and the
 * code; anything else also says what to do and what to quote.
 */
export function renderFault(fault: Fault, catalogue: Catalogue, style: Style): string {
  const entry = catalogue.get(fault.code);
  if (entry === undefined) {
    return `${headed(escapeText(`${fault.title} (${fault.id})`), style).join('\n')}\n`;
  }
  const { place, message, action, id } = messageParts(
    entry,
    fault.parameters,
    fault.place,
    'operator',
  );
  const happened = place === '' ? message : `${place}: ${message}`;
  if (entry.blame === 'caller') {
    return `${headed(`${happened} ${action} (${id})`, style).join('\n')}\n`;
  }
  const incident = fault.parameters['incident'];
  const lines = [
    ...headed(happened, style),
    ...indented(action, style),
    '',
    `  ${id}   lazaret explain ${id}`,
    ...(typeof incident === 'string'
      ? [`  incident ${escapeText(incident)}   lazaret logs --incident ${escapeText(incident)}`]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * A mistake in how the command was given: one line.
 * @param command whose help says more, e.g. `run imaging`; empty for all of them.
 */
export function renderUsageError(message: string, command: string, style: Style): string {
  const help = command === '' ? 'lazaret --help' : `lazaret ${command} --help`;
  const text = escapeText(
    message
      .replace(/^error: /i, '')
      .trim()
      .replace(/\s+/g, ' '),
  );
  const sentence = /[.?)]$/.test(text) ? text : `${text}.`;
  const spoken = `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
  return `${headed(`${spoken} See ${escapeText(help)}.`, style).join('\n')}\n`;
}

function headed(text: string, style: Style): string[] {
  const sign = style.paint('red', style.unicode ? '✕' : 'x');
  return wrap(text, style.width - 2).map((line, at) => `${at === 0 ? sign : ' '} ${line}`);
}

function indented(text: string, style: Style): string[] {
  return wrap(text, style.width - 2).map((line) => `  ${line}`);
}
