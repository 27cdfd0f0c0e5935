/** `lazaret rules try`: what other rules would change in what is stored. Nothing of it is written. */
import { isDeepStrictEqual } from 'node:util';
import type { Application } from '../main.ts';
import type { FormsConfiguration } from '../pipelines/forms/configure.ts';
import { pipeline as forms } from '../pipelines/forms/index.ts';
import { refuseUnanswered } from '../pipelines/forms/lookups/settings.ts';
import { judgingTools } from '../pipelines/forms/rules-over-time/judging-tools.ts';
import { newestRun } from '../pipelines/forms/rules-over-time/kept-bucket.ts';
import type { ChangeExample, RuleChange } from '../pipelines/forms/rules-over-time/rule-changes.ts';
import { tryRules, type RuleTrial } from '../pipelines/forms/rules-over-time/rule-trial.ts';
import { moduleNamed } from '../pipelines/forms/study/module-of-file.ts';
import type { FormModule, Study } from '../pipelines/forms/study.ts';
import type { FormsTools } from '../pipelines/forms/tools.ts';
import { cliCodes } from './codes.ts';
import { EXIT, type Execute } from './command.ts';
import { recordReveal } from './reveal.ts';

export interface RulesTryInput {
  readonly project: string;
  readonly user: string;
  /** Absent: the only module that has rules. */
  readonly module?: string;
  /** The content of the files. Without codes, those that the module has. */
  readonly rules: unknown;
  readonly codes?: unknown;
  /** Show whom the examples are about and the values read: the look is recorded. */
  readonly reveal: boolean;
}

export interface RulesTryDocument extends Omit<RuleTrial, 'rules'> {
  /** The run whose rules are those that count now. */
  readonly run: string;
  readonly isSame: boolean;
  readonly rules: readonly (Omit<RuleChange, 'examples'> & {
    readonly examples: readonly TrialExample[];
  })[];
}

export interface TrialExample {
  readonly what: ChangeExample['what'];
  /** `r_8k2f3d/17` */
  readonly item: string;
  /** Only where that was asked for. */
  readonly revealed?: Pick<ChangeExample, 'subject' | 'visit'> & {
    readonly values: ChangeExample['reads'];
  };
}

const STAGE = 'try';

/** @throws UsageWrong, RulesInvalid, LookUpNotConfigured, and what `tryRules` throws */
export const rulesTry: Execute<RulesTryInput> = async (application, input, session) => {
  const { engine, store, clock } = application;
  const { project, reveal } = input;
  const run = await newestRun(store.db, project);
  if (run === null) {
    throw cliCodes.fault('UsageWrong', {
      problem: 'the project has no run of forms yet: there is nothing to try rules on',
    });
  }
  const configuration = run.configuration as FormsConfiguration;
  const old = moduleOf(configuration.study, input.module);
  const module: FormModule = {
    ...old,
    rules: input.rules,
    ...(input.codes === undefined ? {} : { codes: input.codes }),
  };
  refuseUnanswered([module], configuration.lookUps, configuration.site);
  const key = await engine.keyOf(project);
  const toolsFor = (one: FormModule): FormsTools =>
    judgingTools(withModule(configuration, one), { key, recipe: run.recipe });
  const shorts = await runsOf(application, project);
  const progress = session.progressOf({
    ...{ pipeline: forms.name, run: run.short },
    stages: [{ name: STAGE, passes: 1 }],
  });
  let shown = 0;
  const trial = await tryRules({
    ...{ db: store.db, key, project, module: module.name },
    ...{ before: toolsFor(old), after: toolsFor(module) },
    begun: new Map([...shorts].map(([id, { at }]) => [id, at])),
    today: new Date(clock.now()),
    signal: session.controller.signal,
    onTried(visits) {
      progress.arrived(visits - shown, 0);
      progress.advanced(STAGE, visits - shown);
      shown = visits;
    },
  });
  const nameOf = (id: string): string => {
    const [owner = '', no = ''] = id.split('/');
    return `${shorts.get(owner)?.short ?? owner}/${no}`;
  };
  if (reveal) await recordLook(application, input, trial, nameOf);
  const document: RulesTryDocument = {
    run: run.short,
    isSame:
      isDeepStrictEqual(old.rules, module.rules) && isDeepStrictEqual(old.codes, module.codes),
    ...trial,
    rules: trial.rules.map(({ examples, ...rule }) => ({
      ...rule,
      examples: examples.map(({ what, id, subject, visit, reads }) => ({
        ...{ what, item: nameOf(id) },
        ...(reveal ? { revealed: { subject, visit, values: reads } } : {}),
      })),
    })),
  };
  return { document, exit: EXIT.complete };
};

function withModule(configuration: FormsConfiguration, module: FormModule): FormsConfiguration {
  const { study } = configuration;
  const modules = study.modules.map((one) => (one.name === module.name ? module : one));
  return { ...configuration, study: { ...study, modules } };
}

/** @throws UsageWrong */
function moduleOf(study: Study, wanted: string | undefined): FormModule {
  const names = study.modules.map(({ name }) => name);
  if (wanted !== undefined) {
    const name = moduleNamed(study, wanted);
    const module = study.modules.find((one) => one.name === name);
    if (module !== undefined) return module;
    throw cliCodes.fault('UsageWrong', {
      problem: `the study has no module ${wanted.slice(0, 64)}; it has ${names.join(', ')}`,
    });
  }
  const withRules = study.modules.filter(({ rules }) => rules !== undefined);
  const [only, ...more] = withRules.length === 0 ? study.modules : withRules;
  if (only !== undefined && more.length === 0) return only;
  throw cliCodes.fault('UsageWrong', {
    problem: `--module says whose rules they are: ${names.join(', ')}`,
  });
}

/** Runs of forms, by id. */
async function runsOf(
  { store }: Application,
  project: string,
): Promise<ReadonlyMap<string, { readonly short: string; readonly at: Date }>> {
  const rows = await store.db
    .selectFrom('lazaret.run')
    .select(['id', 'short', 'created_at'])
    .where('project', '=', project)
    .where('pipeline', '=', forms.name)
    .execute();
  return new Map(rows.map(({ id, short, created_at: at }) => [id, { short, at }]));
}

async function recordLook(
  application: Application,
  { project, user }: RulesTryInput,
  { rules }: RuleTrial,
  nameOf: (id: string) => string,
): Promise<void> {
  const ids = [...new Set(rules.flatMap(({ examples }) => examples.map(({ id }) => id)))];
  await recordReveal(application, {
    ...{ project, user, reason: null, selection: { items: ids.map(nameOf) } },
    items: ids.map((id) => {
      const [run = '', no = ''] = id.split('/');
      return { run, no: Number(no) };
    }),
  });
}
