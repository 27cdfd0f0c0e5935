/** A million rows of an invented study, with the schema, the rules and the identifiers that go with them. */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface FormsData {
  readonly rows: number;
  readonly bad: number;
  readonly sizeBytes: number;
  readonly csv: string;
  readonly schema: string;
  readonly rules: string;
  readonly study: string;
  readonly identifiers: string;
}

const VISITS = 3;
/** One row in so many has a mistake. */
const BAD_EVERY = 100;
const ROWS_AT_ONCE = 5_000;

const SCORES = ['memory', 'orient', 'judgment', 'commun', 'homehobb', 'perscare'] as const;

const COLUMNS = [
  ...['adcid', 'ptid', 'visitnum', 'visitdate', 'initials', 'birthyr', 'sex', 'educ'],
  ...['height', 'weight', 'bpsys', 'bpdias', 'hrate'],
  ...SCORES,
  'note',
];

/** @param badEvery one row in so many has a mistake; 1: all of them */
export function writeFormsData(folder: string, rows: number, badEvery = BAD_EVERY): FormsData {
  mkdirSync(folder, { recursive: true });
  const at = (name: string): string => join(folder, name);
  const subjects = Math.ceil(rows / VISITS);
  const csv = openSync(at('visits.csv'), 'w');
  let sizeBytes = writeSync(csv, `${COLUMNS.join(',')}\n`);
  let bad = 0;
  for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
    const lines: string[] = [];
    for (let row = from; row < Math.min(rows, from + ROWS_AT_ONCE); row += 1) {
      const isBad = row % badEvery === badEvery - 1;
      if (isBad) bad += 1;
      lines.push(rowOf(row % subjects, 1 + Math.floor(row / subjects), isBad));
    }
    sizeBytes += writeSync(csv, lines.join(''));
  }
  closeSync(csv);
  const write = (name: string, content: unknown): void =>
    writeFileSync(at(name), JSON.stringify(content));
  write('visit.schema.json', schema());
  write('visit.rules.json', rules());
  write('study.json', {
    modules: [{ name: 'VISIT', schema: 'visit.schema.json', rules: 'visit.rules.json' }],
  });
  writeIdentifiers(at('identifiers.csv'), subjects);
  return {
    ...{ rows, bad, sizeBytes, csv: at('visits.csv') },
    ...{ schema: at('visit.schema.json'), rules: at('visit.rules.json') },
    ...{ study: at('study.json'), identifiers: at('identifiers.csv') },
  };
}

const CENTRES = 30;
const centreOf = (subject: number): number => 1 + (subject % CENTRES);
const participantOf = (subject: number): string => String(100_000 + subject);

function rowOf(subject: number, visit: number, isBad: boolean): string {
  const chance = (subject * 2_654_435_761 + visit * 40_503) >>> 0;
  const birth = 1930 + (subject % 40);
  return `${[
    centreOf(subject),
    participantOf(subject),
    visit,
    `${2019 + visit}-0${1 + (subject % 9)}-1${subject % 10}`,
    'ABC',
    // Half of the mistakes are the schema's, half the rules'.
    isBad && chance % 2 === 0 ? 'unknown' : birth,
    1 + (subject % 2),
    8 + (subject % 13),
    `${150 + (subject % 40)}.5`,
    60 + (chance % 40),
    110 + (chance % 40),
    isBad && chance % 2 === 1 ? 190 : 60 + (chance % 30),
    55 + (chance % 40),
    ...SCORES.map((_, index) => ((chance >>> index) % 4) / 2),
    chance % 50 === 0 ? '"seen at home, with a daughter"' : '',
  ].join(',')}\n`;
}

function schema(): unknown {
  const number = (minimum: number, maximum: number): unknown => ({
    ...{ type: 'number', minimum, maximum },
  });
  const integer = (minimum: number, maximum: number): unknown => ({
    ...{ type: 'integer', minimum, maximum },
  });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    required: ['adcid', 'ptid', 'visitnum', 'visitdate', 'birthyr'],
    additionalProperties: false,
    properties: {
      adcid: integer(1, 99),
      ptid: { type: 'string', maxLength: 10, pattern: '^[!-~]+$' },
      visitnum: { type: 'string', maxLength: 3 },
      visitdate: { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' },
      initials: { type: 'string', maxLength: 3 },
      birthyr: integer(1900, 2010),
      sex: { type: 'integer', enum: [1, 2, 8] },
      educ: integer(0, 36),
      height: number(80, 250),
      weight: number(20, 300),
      bpsys: integer(70, 230),
      bpdias: integer(30, 200),
      hrate: integer(33, 160),
      ...Object.fromEntries(SCORES.map((name) => [name, number(0, 3)])),
      note: { type: 'string', maxLength: 60 },
    },
  };
}

const COMPATIBILITY =
  '{"if": {"bpsys": {"forbidden": [888]}}, "then": {"bpdias": {"forbidden": [888]}}}';

/** Thirty rules beside types, earlier visits among them. */
function rules(): unknown {
  const scores = SCORES.map((name) => [
    name,
    { type: 'float', allowed: [0, 0.5, 1, 1.5, 2, 3], nullable: true },
  ]);
  return {
    adcid: { type: 'integer', min: 1, max: 99 },
    ptid: { type: 'string', maxlength: 10, regex: '^[!-~]{1,10}$' },
    visitnum: { type: 'string', required: true },
    visitdate: { type: 'string', formatting: 'date', max: 'current_date' },
    initials: { type: 'string', maxlength: 3, nullable: true },
    birthyr: {
      type: 'integer',
      min: 1900,
      compare_with: { comparator: '<=', base: 'current_year', adjustment: 15, op: '-' },
    },
    sex: { type: 'integer', allowed: [1, 2, 8] },
    educ: {
      type: 'integer',
      nullable: true,
      max: 36,
      compare_with: {
        comparator: '>=',
        base: 'educ',
        previous_record: true,
        ignore_empty: true,
      },
    },
    height: {
      type: 'float',
      nullable: true,
      compare_with: {
        ...{ comparator: '<=', base: 'height', op: 'abs', adjustment: 5 },
        ...{ previous_record: true, ignore_empty: true },
      },
    },
    weight: { type: 'float', nullable: true, min: 20, max: 300 },
    bpsys: {
      type: 'integer',
      nullable: true,
      compatibility: [
        // A property `then` of a literal would be taken for a promise's.
        JSON.parse(COMPATIBILITY) as unknown,
      ],
    },
    bpdias: {
      type: 'integer',
      nullable: true,
      logic: { formula: { '<': [{ var: 'bpdias' }, { var: 'bpsys' }] } },
    },
    hrate: { type: 'integer', nullable: true, min: 33, max: 160 },
    ...Object.fromEntries(scores),
    note: { type: 'string', nullable: true, maxlength: 60 },
  };
}

function writeIdentifiers(path: string, subjects: number): void {
  const file = openSync(path, 'w');
  writeSync(file, 'adcid,ptid,naccid\n');
  for (let from = 0; from < subjects; from += ROWS_AT_ONCE) {
    const lines: string[] = [];
    for (let subject = from; subject < Math.min(subjects, from + ROWS_AT_ONCE); subject += 1) {
      const id = `NACC${String(subject).padStart(6, '0')}`;
      lines.push(`${centreOf(subject)},${participantOf(subject)},${id}\n`);
    }
    writeSync(file, lines.join(''));
  }
  closeSync(file);
}
