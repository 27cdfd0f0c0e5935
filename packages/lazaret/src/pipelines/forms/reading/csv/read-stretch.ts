/** The records of a stretch of CSV, typed by the schema of their form. */
import type { Finding } from '@lazaret/faults';
import type { RecordSchema } from '../../schema/record-schema.ts';
import type { FormValue, FormValues, ValueOffsets } from '../../record.ts';
import { ValueShapes } from '../../value-shapes.ts';
import { NO_MODULE } from '../../study/no-module.ts';
import { readingCodes } from '../codes.ts';
import type { FileForms } from '../file-forms.ts';
import type { ReadItem } from '../read-item.ts';
import type { CsvLayout, Stretch } from '../stretch.ts';
import { openWindow } from '../text-window.ts';
import { matchColumns, type Column } from './columns.ts';
import { cellOffsets, propertyCells } from './cell-offsets.ts';
import { provesRow, quickRow, type QuickRow } from './quick-rows.ts';
import { CsvReader, FLAWED_CELL } from './reader.ts';
import { rowFlaws, unplacedValues, type RefusedCell } from './row-flaws.ts';
import { fitsBy } from './shift.ts';

/**
 * @param items the numbers of the records, in their order
 */
export function* readCsvStretch(
  bytes: Uint8Array,
  { file, start, firstLine, firstRecord }: Stretch,
  layout: CsvLayout,
  forms: FileForms,
  items: readonly number[],
): Generator<ReadItem> {
  const { encoding, delimiter, problem } = layout;
  const columns = matchColumns(layout.columns, forms.known).list;
  const cells = propertyCells(columns);
  const plans = new Plans(columns, cells, forms);
  const reader = new CsvReader(openWindow(bytes, encoding, start), {
    ...{ delimiter, record: firstRecord, line: firstLine, atEnd: true },
  });
  const offsets = (): ValueOffsets => cellOffsets(reader, columns, cells);
  for (let index = 0; reader.next(); index += 1) {
    const item = items[index] ?? 0;
    const { record, line, offset } = reader;
    const place = { file, record, line, offset };
    const plan = plans.of(reader);
    const isFlawed = (reader.flags & FLAWED_CELL) !== 0 || reader.tooLong;
    if (isFlawed || problem !== null || reader.count !== columns.length) {
      const known = problem === null ? columns : null;
      const findings = rowFlaws(reader, { columns: known, encoding, fits: plan.fits }, item);
      if (findings.length > 0) {
        yield { kind: 'unreadable', place, findings, disposition: 'rejected' };
        continue;
      }
    }
    const module = plan.schema?.module ?? NO_MODULE;
    const values = (): FormValues => valuesOf(reader, plan);
    if (plan.quick !== null && provesRow(plan.quick, reader)) {
      yield { kind: 'record', module, place, values, offsets, isSound: true, findings: NONE };
      continue;
    }
    if (isBlank(reader)) {
      const blank = readingCodes.finding('RecordBlank', {}, { item, record, line, offset });
      yield { kind: 'unreadable', place, findings: [blank], disposition: 'skipped' };
      continue;
    }
    const findings = unplacedValues(reader, plan.refused, item);
    yield { kind: 'record', module, place, values, offsets, isSound: false, findings };
  }
}

const NONE: readonly Finding[] = [];

function valuesOf(reader: CsvReader, { read, schema, shapes, row }: Plan): FormValues {
  for (let at = 0; at < read.length; at += 1) {
    const { cell, property, empty } = read[at] as ReadCell;
    const text = reader.isEmpty(cell) ? null : (reader.cell(cell) ?? '');
    row[at] = text === null ? empty : schema === null ? text : schema.cast(property, text);
  }
  return shapes.make(row);
}

function isBlank(reader: CsvReader): boolean {
  for (let cell = 0; cell < reader.count; cell += 1) if (!reader.isEmpty(cell)) return false;
  return true;
}

interface ReadCell {
  readonly cell: number;
  readonly property: string;
  /** What an empty cell comes to; undefined: to no value. */
  readonly empty: FormValue | undefined;
}

/** How the rows of a form are read. */
interface Plan {
  /** Null: of no form of the study. */
  readonly schema: RecordSchema | null;
  /** Cells that are read, and the names of what they hold. */
  readonly read: readonly ReadCell[];
  readonly shapes: ValueShapes;
  /** Values of the record at hand. */
  readonly row: (FormValue | undefined)[];
  /** Cells of which a value is not taken over, and why. */
  readonly refused: readonly RefusedCell[];
  /** Null: its rows cannot be proven sound by their cells. */
  readonly quick: QuickRow | null;
  fits(property: string, text: string): boolean;
}

/** A plan for each form that the rows of a file may be of. */
class Plans {
  readonly #columns: readonly Column[];
  readonly #forms: FileForms;
  readonly #moduleCell: number | undefined;
  readonly #plans = new Map<RecordSchema | null, Plan>();
  readonly #only: Plan | null;

  /** @param cells the cell of each name that the header has */
  constructor(columns: readonly Column[], cells: ReadonlyMap<string, number>, forms: FileForms) {
    this.#columns = columns;
    this.#forms = forms;
    this.#moduleCell = cells.get(forms.moduleColumn ?? '');
    this.#only = forms.moduleColumn === null ? this.#planOf(forms.schemaOf('')) : null;
  }

  of(reader: CsvReader): Plan {
    if (this.#only !== null) return this.#only;
    const at = this.#moduleCell;
    return this.#planOf(this.#forms.schemaOf(at === undefined ? '' : (reader.cell(at) ?? '')));
  }

  #planOf(schema: RecordSchema | null): Plan {
    const known = this.#plans.get(schema);
    if (known !== undefined) return known;
    const own = schema === null ? null : new Set(schema.columns);
    const read: ReadCell[] = [];
    const refused: RefusedCell[] = [];
    this.#columns.forEach(({ property, shown, refusal }, cell) => {
      const isOwn = property !== null && (own === null || own.has(property));
      if (isOwn) read.push({ cell, property, empty: schema?.cast(property, '') });
      if (refusal !== null) refused.push({ cell, shown, why: refusal });
      else if (!isOwn && cell !== this.#moduleCell) {
        refused.push({ cell, shown, why: 'the form of the record does not have' });
      }
    });
    const fits = schema === null ? () => true : fitsBy(schema);
    const quick = quickRow(schema?.quick ?? null, this.#columns);
    const shapes = new ValueShapes(read.map(({ property }) => property));
    const plan: Plan = { schema, read, shapes, row: [], refused, fits, quick };
    this.#plans.set(schema, plan);
    return plan;
  }
}
