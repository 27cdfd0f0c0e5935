import { general } from '../base/general.ts';

/** Turns an instant into `yyyy-MM-dd HH:mm:ss.SSS+hh:mm` as clocks in one zone show it. */
export type TimeFormat = (ms: number) => string;

/** Instants that four digits of a year can show. */
const FIRST_MS = Date.UTC(1, 0, 2);
const LAST_MS = Date.UTC(9999, 11, 30);

/**
 * A formatter for a zone of the IANA database. The offset is written with every time, so that the
 * hour that comes twice when clocks go back stays unambiguous.
 *
 * Throws `TimeZoneUnknown`.
 */
export function createTimeFormat(zone: string): TimeFormat {
  const format = zoneFormat(zone);
  return (ms) => {
    const instant = Number.isFinite(ms) ? Math.min(Math.max(Math.trunc(ms), FIRST_MS), LAST_MS) : 0;
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    const millisecond = ((instant % 1000) + 1000) % 1000;
    const wall = new Date(0);
    wall.setUTCFullYear(part('year'), part('month') - 1, part('day'));
    wall.setUTCHours(part('hour'), part('minute'), part('second'), millisecond);
    const offsetMinutes = Math.round((wall.getTime() - instant) / 60_000);
    return `${wall.toISOString().slice(0, -1).replace('T', ' ')}${offsetText(offsetMinutes)}`;
  };
}

function zoneFormat(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  } catch (cause) {
    throw general.fault('TimeZoneUnknown', { zone }, { cause });
  }
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
