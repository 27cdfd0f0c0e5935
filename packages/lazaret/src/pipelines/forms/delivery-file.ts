/** Sound records as files for whoever takes them: one a module, NDJSON or CSV (RFC 4180). */
import type { FormRecord, FormValue, FormValues } from './record.ts';
import { compileSchema, type RecordSchema } from './schema/record-schema.ts';
import type { Study } from './study.ts';

export interface DeliveryFile {
  readonly module: string;
  readonly extension: Study['delivery'];
  readonly text: string;
  readonly items: readonly number[];
}

type Written = Pick<Study, 'delivery' | 'keys'>;

/** Records whose items follow each other without a gap. */
interface Stretch {
  readonly items: readonly number[];
  /** As NDJSON. */
  readonly text: string;
  /** Of CSV: until all columns are known. */
  readonly values: readonly FormValues[];
}

/** Takes records bit by bit, and keeps of them no more than has to be written. */
export class DeliveryWriter {
  readonly #study: Written;
  readonly #schemas: ReadonlyMap<string, Pick<RecordSchema, 'columns'>>;
  readonly #modules = new Map<string, Stretch[]>();

  /**
   * @param schemas by module; columns of CSV come in their order, then whatever else records have,
   *   and the subject's id last
   */
  constructor(study: Written, schemas: ReadonlyMap<string, Pick<RecordSchema, 'columns'>>) {
    this.#study = study;
    this.#schemas = schemas;
  }

  /** @param records their values as they are delivered, with the subject's id where it was looked up */
  write(records: readonly FormRecord[]): void {
    const ordered = records.toSorted((a, b) => a.item - b.item);
    for (const [module, ofModule] of Map.groupBy(ordered, (record) => record.module)) {
      const stretches = this.#modules.get(module) ?? [];
      this.#modules.set(module, stretches);
      for (const some of withoutGaps(ofModule)) stretches.push(this.#stretchOf(some));
    }
  }

  #stretchOf(records: readonly FormRecord[]): Stretch {
    const items = records.map(({ item }) => item);
    const values = records.map((record) => record.values);
    const isCsv = this.#study.delivery === 'csv';
    return isCsv ? { items, text: '', values } : { items, text: writeLines(values), values: [] };
  }

  /** The items of all records, ascending. */
  items(): number[] {
    const items = [...this.#modules.values()].flat().flatMap((stretch) => stretch.items);
    return items.sort((a, b) => a - b);
  }

  /**
   * The records of a file are in the order of their items, whatever order they came in: equal
   * records make equal deliveries, and a row of a file is known by its position.
   */
  files(): DeliveryFile[] {
    const { delivery, keys } = this.#study;
    return [...this.#modules].map(([module, stretches]) => {
      const columns = this.#schemas.get(module)?.columns ?? [];
      const ordered = stretches.toSorted((a, b) => (a.items[0] ?? 0) - (b.items[0] ?? 0));
      const values = ordered.flatMap((stretch) => stretch.values);
      const text =
        delivery === 'csv'
          ? writeCsv(values, columns, keys.subject)
          : ordered.map((stretch) => stretch.text).join('');
      return { module, extension: delivery, text, items: ordered.flatMap(({ items }) => items) };
    });
  }
}

function writeLines(records: readonly FormValues[]): string {
  return records.map((values) => `${JSON.stringify(values)}\n`).join('');
}

/** @param records in the order of their items */
function* withoutGaps(records: readonly FormRecord[]): Generator<readonly FormRecord[]> {
  let from = 0;
  for (let at = 1; at <= records.length; at += 1) {
    const [before, record] = [records[at - 1], records[at]];
    if (record !== undefined && record.item === (before?.item ?? 0) + 1) continue;
    yield records.slice(from, at);
    from = at;
  }
}

/**
 * The columns of deliveries by form, where their order is the schema's. A digest takes equal
 * mappings for equal, however they are written; in rules and schemas that is right, because nothing
 * that they say depends on it, but for this.
 *
 * @returns null where deliveries have no columns
 * @throws SchemaInvalid
 */
export function deliveredColumns({
  delivery,
  modules,
}: Pick<Study, 'delivery' | 'modules'>): Readonly<Record<string, readonly string[]>> | null {
  if (delivery !== 'csv') return null;
  return Object.fromEntries(modules.map((one) => [one.name, compileSchema(one).columns]));
}

function writeCsv(records: readonly FormValues[], columns: readonly string[], id: string): string {
  const names = new Set(columns);
  for (const values of records) for (const name of Object.keys(values)) names.add(name);
  const hasId = names.delete(id);
  const header = hasId ? [...names, id] : [...names];
  const lines = records.map((values) =>
    header.map((name) => quote(cellOf(values[name] ?? null))).join(','),
  );
  return [header.map(quote).join(','), ...lines].map((line) => `${line}\r\n`).join('');
}

function cellOf(value: FormValue): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Blanks at an end would be lost with readers that trim, so they are quoted too. */
function quote(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
