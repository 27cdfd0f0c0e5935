import type { LogEvent } from './log-event.ts';
import { capEvent } from './log-event.ts';
import { escapeJson, escapeText } from './escape.ts';
import { createTimeFormat } from './log-time.ts';

/**
 * A line of the log for people and spreadsheets:
 * `yyyy-MM-dd HH:mm:ss.SSS<offset>⇥[thread]⇥LEVEL⇥logger⇥- message (ID) {…}`, exactly four tabs
 * whatever the input. What the layout has no column for follows the message as JSON, so that the
 * line loses nothing and still opens in a spreadsheet.
 *
 * Throws `TimeZoneUnknown` for a zone that is not in the IANA database.
 */
export function createTabLine(zone: string): (event: LogEvent) => string {
  const timeText = createTimeFormat(zone);
  return (event) => {
    const { time, level, logger, message, thread, id, ...rest } = capEvent(event);
    const code = id === undefined ? '' : ` (${escapeText(id)})`;
    const details = Object.keys(rest).length === 0 ? '' : ` ${escapeJson(rest)}`;
    return [
      timeText(time),
      `[${escapeText(thread ?? 'main')}]`,
      level.toUpperCase().padEnd(5),
      escapeText(logger),
      `- ${escapeText(message)}${code}${details}`,
    ].join('\t');
  };
}
