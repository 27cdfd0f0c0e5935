/** Records that say the name of no module of the study: they are rejected. */
import type { Finding } from '@lazaret/faults';
import type { FormRecord } from '../record.ts';
import { placeOfValue } from '../record-place.ts';
import type { Study } from '../study.ts';
import { studyCodes } from './codes.ts';

/** What stands in place of a record's module when it has none. */
export const NO_MODULE = '';

export function noModule(record: FormRecord, { modules, moduleColumn = '' }: Study): Finding {
  const value = record.values[moduleColumn] ?? '';
  return studyCodes.finding(
    'RecordOfNoModule',
    {
      value: typeof value === 'object' ? '' : String(value),
      expected: modules.map(({ name }) => name).join(', '),
    },
    placeOfValue(record, moduleColumn),
  );
}
