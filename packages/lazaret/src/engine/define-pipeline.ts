/**
 * The short way to a pipeline: what most of them do alike is done here, and an author says what is
 * particular. A pipeline that needs more says it as a `Pipeline`.
 */
import type { Codes } from '@lazaret/faults';
import { z } from 'zod';
import type { ProjectKey } from '../identity/keys.ts';
import { limitProblems, schemaProblems } from '../settings/problems.ts';
import { engineCodes } from './codes.ts';
import type { Pipeline, Source, Stage } from './pipeline.ts';

/** What a run is configured with: the pipeline's own settings, and where deliveries go. */
export interface PlainConfiguration<Settings> {
  readonly settings: Settings;
  /** Folder, absolute. */
  readonly out: string;
}

/** What steps work with, on whatever thread. */
export interface PlainTools<Settings> extends PlainConfiguration<Settings> {
  readonly key: ProjectKey;
  readonly recipe: string;
}

/** What a run gives every pipeline besides its settings. */
const surroundings = { source: z.string(), out: z.string(), data: z.string() };

type PlainPipeline<Settings> = Pipeline<PlainConfiguration<Settings>, PlainTools<Settings>>;

type Extras =
  | 'migrations'
  | 'dataGate'
  | 'dependencies'
  | 'outputRecipe'
  | 'digestOf'
  | 'factsOf'
  | 'sizeOf'
  | 'conclude'
  | 'again'
  | 'reveal';

export interface PipelineParts<Shape extends z.ZodObject> extends Partial<
  Pick<PlainPipeline<z.output<Shape>>, Extras>
> {
  readonly name: string;
  /** `import.meta.url` of the module that exports the pipeline as `pipeline`. */
  readonly module: string;
  readonly codes: { readonly entries: Codes };
  /** All of it is part of the recipe. Defaults belong into it; an unknown key is refused. */
  readonly settings: Shape;
  /** Called before a run is made, too: what is wrong with a location is thrown at once. */
  readonly source: (location: string, settings: z.output<Shape>) => Source;
  readonly stages: readonly Stage<PlainTools<z.output<Shape>>>[];
}

/**
 * @example
 * export const pipeline = definePipeline({ name: 'notes', module: import.meta.url, … });
 */
export function definePipeline<Shape extends z.ZodObject>({
  module,
  codes,
  settings: shape,
  source,
  ...given
}: PipelineParts<Shape>): PlainPipeline<z.output<Shape>> {
  return {
    ...given,
    module: new URL(module),
    codes: codes.entries,
    configure(whole) {
      const { out, ...others } = z.looseObject(surroundings).parse(whole);
      const own = Object.fromEntries(
        Object.entries(others).filter(([name]) => !Object.hasOwn(surroundings, name)),
      );
      const parsed = shape.strict().safeParse(own);
      if (parsed.success) return { settings: parsed.data as z.output<Shape>, out };
      const problems = limitProblems(schemaProblems(shape, parsed.error, 'the settings'));
      throw engineCodes.fault('SettingsInvalid', { pipeline: given.name, problems });
    },
    recipe: ({ settings }) => settings,
    open: ({ settings }, location) => source(location, settings),
    writesTo: ({ out }) => [out],
    tools: (configuration, { key, recipe }) => ({ ...configuration, key, recipe }),
  };
}
