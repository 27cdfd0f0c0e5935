/** Numbers for people: thousands separators, units, and no more digits than anyone needs. */

/** `1,619` */
export function formatCount(count: number): string {
  const [whole = '', fraction] = String(Math.abs(count)).split('.');
  // Beyond 1e21 the text is in exponents and has no groups to separate.
  const grouped = /^\d+$/.test(whole) ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole;
  return `${count < 0 ? '-' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** `1,619 images`, `1 image` */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

const BYTE_UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `118 MB`, with powers of 1000, three digits at most. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${formatCount(Math.round(bytes))} B`;
  let value = bytes;
  let unit = '';
  for (const name of BYTE_UNITS) {
    value /= 1000;
    unit = name;
    // 999,600 is shown as 1 MB, not as 1000 kB.
    if (value < 999.5) break;
  }
  return `${significant(value)} ${unit}`;
}

/** `0:03` below an hour, `1 h 02 min` below a day, `2 d 03 h` above. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)}`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  const hours = Math.floor(minutes / 60);
  return `${formatCount(Math.floor(hours / 24))} d ${two(hours % 24)} h`;
}

/**
 * `212 images/s`; slower than one a second by the minute, slower than that by the hour. Null where
 * nothing happened, or in no time: a rate from it would say nothing.
 */
export function formatRate(count: number, seconds: number, many: string): string | null {
  if (count <= 0 || seconds <= 0) return null;
  const each = count / seconds;
  if (each >= 1) return `${significant(each)} ${many}/s`;
  if (each * 60 >= 1) return `${significant(each * 60)} ${many}/min`;
  return `${significant(each * 3600)} ${many}/h`;
}

const AGES = [
  { name: 'second', seconds: 1, below: 60 },
  { name: 'minute', seconds: 60, below: 3600 },
  { name: 'hour', seconds: 3600, below: 86_400 },
  { name: 'day', seconds: 86_400, below: 60 * 86_400 },
] as const;

/** `3 minutes ago`; the civil date (UTC) once it is two months ago. */
export function formatAgo(then: Date, now: Date): string {
  const seconds = Math.floor((now.getTime() - then.getTime()) / 1000);
  // Clocks of two machines differ; a little in the future is now.
  if (seconds < 5) return 'just now';
  const age = AGES.find(({ below }) => seconds < below);
  if (age === undefined) return then.toISOString().slice(0, 10);
  return `${countOf(Math.floor(seconds / age.seconds), age.name)} ago`;
}

function significant(value: number): string {
  const text = value < 9.95 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value));
  return formatCount(Number(text));
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
