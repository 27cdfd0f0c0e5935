// The obvious way to check a CSV file against a JSON Schema: csv-parse with named columns, numbers
// made of the cells whose columns are numbers, and Ajv. Usage: csv-parse-ajv.mjs <csv> <schema>
import { createReadStream, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'csv-parse';

const [csv, schemaFile] = process.argv.slice(2);
const schema = JSON.parse(readFileSync(schemaFile, 'utf8'));
const numbers = new Set(
  Object.entries(schema.properties)
    .filter(([, { type }]) => type === 'number' || type === 'integer')
    .map(([name]) => name),
);
const validate = new Ajv({ allErrors: true }).compile(schema);
let rows = 0;
let bad = 0;
const parser = createReadStream(csv).pipe(
  parse({
    columns: true,
    cast: (value, { header, column }) =>
      header || value === '' || !numbers.has(column) ? value : Number(value),
  }),
);
for await (const record of parser) {
  for (const name of Object.keys(record)) if (record[name] === '') delete record[name];
  rows += 1;
  if (!validate(record)) bad += 1;
}
process.stdout.write(JSON.stringify({ rows, bad }));
