/**
 * Part of `npm run lint`: holds every text file that git knows, or would add, against the rules of
 * `text-rules.ts`. Exit status 1 where one breaks them.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { checkText } from './text-rules.ts';

const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
// A file that git lists and that is not there is one deleted and not committed yet.
const files = listed.split('\0').filter((file) => file !== '' && existsSync(file));

let complaints = 0;
for (const file of files) {
  const bytes = readFileSync(file);
  if (bytes.subarray(0, 8192).includes(0)) continue;
  for (const complaint of checkText(bytes.toString('utf8'))) {
    complaints += 1;
    console.log(`${file}:${complaint}`);
  }
}
console.log(
  complaints === 0
    ? `Text of ${files.length} files: nothing found.`
    : `Text of ${files.length} files: ${complaints} to mend.`,
);
process.exitCode = complaints === 0 ? 0 : 1;
