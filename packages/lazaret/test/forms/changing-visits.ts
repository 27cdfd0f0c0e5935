/** Files of visits that come once, and once more with some of their values changed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STUDY } from './visit-bench.ts';

const COLUMNS = ['adcid', 'ptid', 'visitnum', 'visitdate', 'age', 'weight', 'height', 'note'];
const SUBJECTS = 20;
const FILES_A_VISIT = 20;

/** So much text in a row makes of sixty files more than one group of subjects. */
const NOTE_CHARACTERS = 4_500;

const [module] = STUDY.modules;

/** The study of the other tests, with room for notes that no rule reads. */
export const NOTED_STUDY = {
  schema: {
    ...module?.schema,
    properties: { ...module?.schema.properties, note: { type: 'string' } },
  },
  rules: { ...module?.rules, note: { type: 'string', nullable: true } },
  codes: module?.codes,
};

export interface Wave {
  /** Whether the values are those that come second. */
  readonly changed: boolean;
  readonly files: number;
}

/**
 * Writes the files of a wave: twenty a visit, with twenty subjects in each; each tenth file is the
 * one before it once more. Of the twenty, by their place in a file:
 *
 * - 1: was younger at the first visit than is said the second time, so that a later visit fails
 * - 7, 8: too old; an age that is no number
 * - 9: has lost height by the second visit, an alert that nobody judges at first
 * - 11: is heavy, and stays so
 * - 12: is heavy, and another weight comes
 * - 13: is heavy, which was a slip and is mended
 * - 14: is heavy, and something else is mended
 *
 * @returns their paths
 */
export function writeVisits(folder: string, { changed, files }: Wave): string[] {
  mkdirSync(folder, { recursive: true });
  return Array.from({ length: files }, (_, file) => {
    const source = file % 10 === 9 ? file - 1 : file;
    const rows = Array.from({ length: SUBJECTS }, (__, index) => rowOf(source, index, changed));
    const path = join(folder, `visits-${String(file).padStart(2, '0')}.csv`);
    writeFileSync(path, [COLUMNS, ...rows].map((row) => `${row.join(',')}\n`).join(''));
    return path;
  });
}

function rowOf(source: number, index: number, changed: boolean): (string | number)[] {
  const subject = (source % FILES_A_VISIT) * SUBJECTS + index;
  const visit = 1 + Math.floor(source / FILES_A_VISIT);
  const slip = changed && index === 1 && visit === 1;
  const age = index === 7 ? 130 : index === 8 ? 'old' : slip ? 66 : 60 + visit;
  const height = index === 9 && visit === 2 ? 150 : 170;
  const note = changed && index === 14 ? 'y' : 'x';
  return [
    ...[1, `P${subject}`, visit, `202${visit}-03-0${1 + (index % 9)}`],
    ...[age, weightOf(index, changed), height, note.repeat(NOTE_CHARACTERS)],
  ];
}

function weightOf(index: number, changed: boolean): number {
  switch (index) {
    case 11:
    case 14:
      return 310;
    case 12:
      return changed ? 325 : 320;
    case 13:
      return changed ? 70 : 330;
    default:
      return 70;
  }
}
