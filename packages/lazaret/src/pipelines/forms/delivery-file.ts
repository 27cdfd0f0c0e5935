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

/**
 * @param records the values as they are delivered, with the subject's id where it was looked up
 * @param schemas by module; columns of CSV come in their order, then whatever else records have, and
 *   the subject's id last
 */
export function writeDeliveries(
  records: readonly FormRecord[],
  { delivery, keys }: Pick<Study, 'delivery' | 'keys'>,
  schemas: ReadonlyMap<string, Pick<RecordSchema, 'columns'>>,
): DeliveryFile[] {
  const byModule = Map.groupBy(records, ({ module }) => module);
  return [...byModule].map(([module, ofModule]) => {
    const values = ofModule.map((record) => record.values);
    const columns = schemas.get(module)?.columns ?? [];
    return {
      module,
      extension: delivery,
      text: delivery === 'csv' ? writeCsv(values, columns, keys.subject) : writeLines(values),
      items: ofModule.map(({ item }) => item),
    };
  });
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

function writeLines(records: readonly FormValues[]): string {
  return records.map((values) => `${JSON.stringify(values)}\n`).join('');
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
