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

/** What of a module is delivered: lines as they come, or values until all columns are known. */
interface ModuleContent {
  readonly items: number[];
  readonly lines: string[];
  readonly values: FormValues[];
}

/** Takes records bit by bit, and keeps of them no more than has to be written. */
export class DeliveryWriter {
  readonly #study: Written;
  readonly #schemas: ReadonlyMap<string, Pick<RecordSchema, 'columns'>>;
  readonly #modules = new Map<string, ModuleContent>();

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
    for (const { item, module, values } of records) {
      let content = this.#modules.get(module);
      if (content === undefined) {
        content = { items: [], lines: [], values: [] };
        this.#modules.set(module, content);
      }
      content.items.push(item);
      if (this.#study.delivery === 'csv') content.values.push(values);
      else content.lines.push(JSON.stringify(values));
    }
  }

  /** The items of all records, ascending. */
  items(): number[] {
    const items = [...this.#modules.values()].flatMap((content) => content.items);
    return items.sort((a, b) => a - b);
  }

  /**
   * The records of a file are in the order of their items, whatever order they came in: equal
   * records make equal deliveries, and a row of a file is known by its position.
   */
  files(): DeliveryFile[] {
    const { delivery, keys } = this.#study;
    return [...this.#modules].map(([module, { items, lines, values }]) => {
      const order = [...items.keys()].sort((a, b) => (items[a] ?? 0) - (items[b] ?? 0));
      const columns = this.#schemas.get(module)?.columns ?? [];
      const text =
        delivery === 'csv'
          ? writeCsv(inOrder(values, order), columns, keys.subject)
          : inOrder(lines, order)
              .map((line) => `${line}\n`)
              .join('');
      return { module, extension: delivery, text, items: inOrder(items, order) };
    });
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

function inOrder<One>(list: readonly One[], order: readonly number[]): One[] {
  const turned: One[] = [];
  for (const at of order) {
    const one = list[at];
    if (one !== undefined) turned.push(one);
  }
  return turned;
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
