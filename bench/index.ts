/** Runs a bench by its name: `node bench/index.ts imaging [options]`. See README.md. */

import { benchForms } from './forms.ts';
import { benchImaging } from './imaging.ts';

const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  forms: benchForms,
  imaging: benchImaging,
};

const [name = '', ...rest] = process.argv.slice(2);
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (bench === undefined) {
  process.stderr.write(
    `${name === '' ? 'Which bench?' : `There is no bench "${name}".`} Known: ${Object.keys(BENCHES).join(', ')}.\n`,
  );
  process.exitCode = 2;
} else {
  process.exitCode = await bench(rest);
}
