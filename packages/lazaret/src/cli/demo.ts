/** `lazaret demo`: sample data through every pipeline, then what became of it. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { writeDemoStudies } from '../../../../fixtures/dicom/demo.ts';
import { startFakeDrugs } from '../../../../fixtures/drugs/server.ts';
import { writeDemoForms, type DemoForms } from '../../../../fixtures/forms/demo.ts';
import { DEMO_DRUGS } from '../../../../fixtures/forms/drugs.ts';
import { readStudy } from '../pipelines/forms/study/study-file.ts';
import { cliCodes } from './codes.ts';
import { EXIT, type Outcome } from './command.ts';
import type { CommandName, InputOf } from './commands.ts';
import type { Configuration, GlobalOptions } from './configuration.ts';
import type { RunInput } from './run.ts';
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

/** What a pipeline is shown with. */
interface Part {
  /** Before it: what the data is. */
  readonly before: string;
  readonly run: Pick<RunInput, 'pipeline' | 'location' | 'settings'>;
  /** Behind it: where to look. */
  readonly behind: string;
}

/** Makes everything below `lazaret-demo` in the present folder, anew each time. */
export async function demo(given: GlobalOptions, surroundings: DemoSurroundings): Promise<number> {
  const { folder, screen, configure, carryOut } = surroundings;
  const home = join(folder, FOLDER);
  makeHome(home);
  const data = join(home, 'data');
  const configuration = await configure({ ...given, data, project: given.project ?? 'demo' });
  const { project, site, user, maxPauseSeconds } = configuration;
  const showing = {
    flags: `--data ${relative(folder, data)} --project ${project}`,
    filters: [],
    timeZone: configuration.log.timeZone,
  };
  const out = join(home, 'out');
  const about = { data, project, site, user };
  const shown = (path: string): string => relative(folder, path);
  const take = async ({ before, run, behind }: Part): Promise<number> => {
    screen.tell(before);
    const input = { ...run, ...about, out, strict: false, maxPauseSeconds };
    const outcome = await carryOut('run', configuration, input);
    screen.outcome('run', outcome, showing);
    screen.tell(`\n${behind}\n`);
    return outcome.exit;
  };

  const images = await take(await imagingPart(home, shown));
  if (images !== EXIT.complete) return images;

  const forms = writeDemoForms(join(home, 'forms'));
  const table = { replace: false, acceptChanges: false, dryRun: false };
  await carryOut('identifiers load', configuration, {
    ...{ ...table, file: forms.identifiers, project, site, user },
  });
  // Codes of drugs are asked of a service outside; the demo has one of its own, for as long as it runs.
  const drugs = await startFakeDrugs(DEMO_DRUGS);
  let visits: number;
  try {
    visits = await take(formsPart(forms, { site, drugs: `${drugs.url}/REST` }, shown));
  } finally {
    await drugs.close();
  }
  if (visits !== EXIT.complete) return visits;

  const selection = { project, standing: 'open' } as const;
  const alerts = await carryOut('alerts list', configuration, { selection, each: false });
  screen.outcome('alerts list', alerts, showing);
  return alerts.exit;
}

/** @throws UsageWrong where a folder of that name is here that the demo did not make. */
function makeHome(home: string): void {
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
}

async function imagingPart(home: string, shown: (path: string) => string): Promise<Part> {
  const location = join(home, 'arrivals');
  const { files } = await writeDemoStudies(location);
  return {
    before:
      `${files.length} invented files in ${shown(location)}: ` +
      'sound studies, and the faults that people meet.\n',
    run: { pipeline: 'imaging', location, settings: {} },
    behind: `The archives are in ${shown(join(home, 'out'))}.`,
  };
}

function formsPart(
  { arrivals, study, rows }: DemoForms,
  { site, drugs }: { readonly site: string; readonly drugs: string },
  shown: (path: string) => string,
): Part {
  const files = readdirSync(arrivals).sort();
  return {
    before:
      `${rows.length} invented records in ${shown(arrivals)}: ` +
      'three forms of two centres, with what people mistype.\n',
    run: {
      pipeline: 'forms',
      location: JSON.stringify(files.map((file) => join(arrivals, file))),
      settings: {
        study: readStudy(study, shown(study)),
        lookUps: {
          identifiers: { mode: 'embedded' },
          drugs: { mode: 'http', url: drugs, contact: 'nobody: it is invented' },
        },
        site,
      },
    },
    behind: `The study, with its rules, is in ${shown(dirname(study))}. What asks for a look:`,
  };
}
