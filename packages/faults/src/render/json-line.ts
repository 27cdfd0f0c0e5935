import { escapeJson } from './escape.ts';
import { capEvent, type LogEvent } from './log-event.ts';

/**
 * The event as one line of JSON. The time is in UTC, RFC 3339. What could act on a terminal or
 * break a line is `\uXXXX` there, which every reader of JSON turns back.
 */
export function renderJsonLine(event: LogEvent): string {
  const { time, ...rest } = capEvent(event);
  return escapeJson({ time: isoTime(time), ...rest });
}

/** RFC 3339 in UTC; a time that is none becomes the epoch, since a logger must not throw. */
export function isoTime(ms: number): string {
  const valid = Number.isFinite(ms) && Math.abs(ms) <= 8.64e15;
  return new Date(valid ? ms : 0).toISOString();
}
