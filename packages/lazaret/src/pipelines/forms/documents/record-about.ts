/** Whom a record is about, in the words of those who mend it. */
import type { FormRecord, FormValue } from '../record.ts';
import type { SubjectKeys } from '../study.ts';

export interface RecordAbout {
  readonly file: number;
  /** Centre (ADCID) as the record has it; empty where it has none. */
  readonly site: string;
  readonly participant: string;
  readonly visit: string;
  readonly date: string;
  /** Of who made the entry. */
  readonly initials: string;
}

/** A cell that should hold a centre or a number of a visit and holds a novel is cut. */
const MAX_LENGTH = 64;

export function recordAbout({ place, values }: FormRecord, keys: SubjectKeys): RecordAbout {
  return {
    file: place.file,
    site: textOf(values[keys.centre]),
    participant: textOf(values[keys.participant]),
    visit: textOf(values[keys.visit]),
    date: textOf(values[keys.date]),
    initials: textOf(values[keys.initials]),
  };
}

/** Of what could not be read as a record. */
export function bareAbout(file: number): RecordAbout {
  return { file, site: '', participant: '', visit: '', date: '', initials: '' };
}

/** Whether what an item arrived as is a record: a stretch that nobody has read yet is none. */
export function isRecord(arrival: unknown): arrival is FormRecord {
  return (
    typeof arrival === 'object' && arrival !== null && 'place' in arrival && 'values' in arrival
  );
}

function textOf(value: FormValue | undefined): string {
  if (value === undefined || value === null || typeof value === 'object') return '';
  return String(value).trim().slice(0, MAX_LENGTH);
}
