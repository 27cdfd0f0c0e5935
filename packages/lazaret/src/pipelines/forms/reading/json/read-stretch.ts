/** The records of a stretch of JSON. */
import type { Finding, Place } from '@lazaret/faults';
import type { FormValue, FormValues } from '../../record.ts';
import { escapeName } from '../../schema/pointer.ts';
import { NO_MODULE } from '../../study/no-module.ts';
import type { FileForms } from '../file-forms.ts';
import { flawFinding } from '../flaw-finding.ts';
import { MAX_RECORD_BYTES } from '../limits.ts';
import type { ReadItem } from '../read-item.ts';
import type { JsonLayout, Stretch } from '../stretch.ts';
import { openWindow } from '../text-window.ts';
import { jsonFinding, notAnObject } from './findings.ts';
import { memberOffsets } from './member-offsets.ts';
import { parseRecord, type JsonFlaw } from './parse.ts';
import { JsonReader } from './reader.ts';

/**
 * @param items the numbers of the records, in their order
 */
export function* readJsonStretch(
  bytes: Uint8Array,
  { file, start, firstLine: line, firstRecord: record }: Stretch,
  { encoding, shape }: JsonLayout,
  forms: FileForms,
  items: readonly number[],
): Generator<ReadItem> {
  const window = openWindow(bytes, encoding, start);
  const reader = new JsonReader(window, { shape, record, line, atEnd: true });
  const known = new Set(forms.known);
  for (let index = 0; index < items.length && reader.next(); index += 1) {
    const item = items[index] ?? 0;
    const pointer = shape === 'list' ? `/${reader.record - 1}` : '';
    const offset = reader.offsetOf(reader.begin);
    const place = { file, record: reader.record, line: reader.line, offset, pointer };
    const unreadable = (...findings: readonly Finding[]): ReadItem => ({
      ...{ kind: 'unreadable', place, findings, disposition: 'rejected' },
    });
    if ((reader.end - reader.begin) * window.unitBytes > MAX_RECORD_BYTES) {
      const flaw = { kind: 'record-too-long', line: reader.line, offset, column: null } as const;
      yield unreadable(flawFinding(flaw, { item, record: reader.record }, []));
      continue;
    }
    const { value, flaws, starts } = parseRecord(window, reader.begin, reader.end);
    if (flaws.length > 0 || value === undefined) {
      const base: Place = { item, record: reader.record };
      const found = flaws.map((flaw) =>
        jsonFinding(flaw, encoding, {
          ...{ ...base, line: reader.lineOf(flaw.at), offset: reader.offsetOf(flaw.at) },
          pointer: `${pointer}${shownPath(flaw, known)}`,
        }),
      );
      yield unreadable(...found);
      continue;
    }
    if (!isObject(value)) {
      yield unreadable(notAnObject(value, { ...{ item, record: reader.record, offset }, pointer }));
      continue;
    }
    const { moduleColumn } = forms;
    const named = moduleColumn === null ? '' : (value[moduleColumn] ?? '');
    const schema = forms.schemaOf(typeof named === 'object' ? '' : String(named));
    yield {
      ...{ kind: 'record', place, isSound: false, findings: [] },
      module: schema?.module ?? NO_MODULE,
      values: () => withoutModule(value, moduleColumn, schema?.columns ?? [moduleColumn ?? '']),
      offsets: () => memberOffsets(reader, starts),
    };
  }
}

/** The name of the module is a value only where the form has such a field. */
function withoutModule(
  values: FormValues,
  moduleColumn: string | null,
  columns: readonly string[],
): FormValues {
  if (moduleColumn === null || !(moduleColumn in values) || columns.includes(moduleColumn)) {
    return values;
  }
  return Object.fromEntries(Object.entries(values).filter(([name]) => name !== moduleColumn));
}

function isObject(value: FormValue): value is FormValues {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Down to where a name is not the schema's: it is the sender's then, and may be a person's. */
function shownPath({ path }: JsonFlaw, known: ReadonlySet<string>): string {
  let shown = '';
  for (const [depth, part] of path.entries()) {
    if (typeof part === 'string' && (depth > 0 || !known.has(part))) break;
    shown += `/${escapeName(String(part))}`;
  }
  return shown;
}
