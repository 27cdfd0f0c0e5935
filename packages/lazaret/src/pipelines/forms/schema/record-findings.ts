/** What a schema says of a record, as findings. */
import type { Finding } from '@lazaret/faults';
import type { ErrorObject } from 'ajv';
import { formsCodes } from '../codes.ts';
import type { FormRecord } from '../record.ts';

export function recordFindings(
  { item, place }: FormRecord,
  errors: readonly ErrorObject[],
): Finding[] {
  const { line, record, offset } = place;
  return errors.map(({ keyword, instancePath }) =>
    formsCodes.finding(
      'SchemaViolated',
      { keyword },
      { item, line, record, offset, column: instancePath.slice(1) },
    ),
  );
}
