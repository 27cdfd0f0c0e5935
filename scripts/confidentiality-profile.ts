/**
 * Writes the project's facts file of PS3.15 Table E.1-1 from a published rendering of that table.
 *
 *   node scripts/confidentiality-profile.ts
 *
 * Run it again when a new edition of the standard is taken over; the test beside the facts then
 * shows agreement, entry by entry.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharedFolder } from '../fixtures/shared.ts';
import {
  toProfileLine,
  type PublishedAttribute,
} from '../packages/lazaret/src/pipelines/imaging/dicom/profile-columns.ts';

if (sharedFolder === null) {
  process.stderr.write('The reference is not on this machine; the facts file stays as it is.\n');
  process.exitCode = 1;
} else {
  const reference = join(sharedFolder, 'reference/dicom-ps3.15-confidentiality-profiles.json');
  const entries = JSON.parse(readFileSync(reference, 'utf8')) as readonly PublishedAttribute[];
  const lines = entries.map(toProfileLine).sort((a, b) => (a[0] < b[0] ? -1 : 1));
  const target = fileURLToPath(
    new URL(
      '../packages/lazaret/src/pipelines/imaging/dicom/facts/confidentiality-profile.json',
      import.meta.url,
    ),
  );
  // One attribute a line, so that a change of edition reads well as a difference.
  writeFileSync(target, `[\n${lines.map((line) => `  ${JSON.stringify(line)}`).join(',\n')}\n]\n`);
  process.stdout.write(`${lines.length} attributes written.\n`);
}
