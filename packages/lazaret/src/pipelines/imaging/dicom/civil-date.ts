const DATE = /^(\d{4})(\d{2})(\d{2})$/;

/** A value of VR DA (PS3.5 section 6.2) as `YYYY-MM-DD`; null where it is no date of the calendar. */
export function civilDate(value: string): string | null {
  const [, year = '', month = '', day = ''] = DATE.exec(value.trim()) ?? [];
  const text = `${year}-${month}-${day}`;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text) ? text : null;
}
