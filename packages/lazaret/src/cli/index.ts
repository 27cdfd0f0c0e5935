/** The command line: one file a command, all of them registered here. */
import { program } from './program.ts';

process.exitCode = await program(process.argv.slice(2), {
  env: process.env,
  folder: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
});
