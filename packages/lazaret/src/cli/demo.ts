/** `lazaret demo`: sample data through every pipeline, then a summary. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { writeDemoStudies } from '../../../../fixtures/dicom/demo.ts';
import { cliCodes } from './codes.ts';
import { EXIT, type Outcome } from './command.ts';
import type { CommandName, InputOf } from './commands.ts';
import type { Configuration, GlobalOptions } from './configuration.ts';
import type { Screen } from './screen.ts';

interface DemoSurroundings {
  readonly folder: string;
  readonly screen: Screen;
  configure(given: GlobalOptions): Promise<Configuration>;
  carryOut<Name extends CommandName>(
    name: Name,
    configuration: Configuration,
    input: InputOf<Name>,
  ): Promise<Outcome>;
}

const FOLDER = 'lazaret-demo';
const MARK = '.made-by-lazaret-demo';

/** Makes everything below `lazaret-demo` in the present folder, anew each time. */
export async function demo(given: GlobalOptions, surroundings: DemoSurroundings): Promise<number> {
  const { folder, screen, configure, carryOut } = surroundings;
  const home = join(folder, FOLDER);
  if (existsSync(home)) {
    if (!existsSync(join(home, MARK))) {
      throw cliCodes.fault('UsageWrong', {
        problem: `a folder ${FOLDER} is here that the demo did not make`,
      });
    }
    rmSync(home, { recursive: true });
  }
  mkdirSync(home);
  writeFileSync(join(home, MARK), 'The demo makes this folder anew each time it runs.\n');
  const source = join(home, 'arrivals');
  const { files } = await writeDemoStudies(source);
  screen.tell(
    `${files.length} invented files in ${relative(folder, source)}: ` +
      'sound studies, and the faults that people meet.\n',
  );
  const data = join(home, 'data');
  const out = join(home, 'out');
  const configuration = await configure({ ...given, data, project: given.project ?? 'demo' });
  const { project, site, user, maxPauseSeconds } = configuration;
  const outcome = await carryOut('run', configuration, {
    pipeline: 'imaging',
    location: source,
    out,
    data,
    settings: {},
    project,
    site,
    user,
    strict: false,
    maxPauseSeconds,
  });
  const options = `--data ${relative(folder, data)} --project ${project}`;
  screen.outcome('run', outcome, {
    flags: options,
    filters: [],
    timeZone: configuration.log.timeZone,
  });
  screen.tell(`
The archives are in ${relative(folder, out)}.`);
  return outcome.exit === EXIT.complete ? EXIT.complete : outcome.exit;
}
