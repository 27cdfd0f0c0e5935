/** Reads a study: its file, and every file that it names. All that is wrong is told at once. */
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { hint, limitProblems, schemaProblems } from '../../../settings/problems.ts';
import { LARGEST_RULE_FILE, readRules, type RuleReading } from '../rules/read-rules.ts';
import { gatherSchemaFiles } from '../schema/schema-files.ts';
import { decodePercent } from '../schema/schema-index.ts';
import { moduleSettings, studySettings } from '../study.ts';
import { studyCodes } from './codes.ts';

const path = z.string().min(1);

const studyFileSchema = z.strictObject({
  modules: z
    .array(
      z.strictObject({
        ...moduleSettings,
        schema: path,
        rules: path.optional(),
        codes: path.optional(),
      }),
    )
    .min(1)
    .max(1_000),
  ...studySettings,
});

/** A study as its file says it, with paths relative to that file. */
export type StudyPaths = z.infer<typeof studyFileSchema>;

type ModulePaths = StudyPaths['modules'][number];

/** The files of one module, when there is no study file. */
export interface ModuleFiles {
  readonly name?: string | undefined;
  readonly schema: string;
  readonly rules?: string | undefined;
  readonly codes?: string | undefined;
}

/**
 * A study file with the content of the files that it names, as `studySchema` takes it.
 * @param shown the path as a person gave it
 * @throws StudyInvalid
 */
export function readStudy(file: string, shown: string): { readonly modules: unknown[] } {
  const reader = new Reader(dirname(file));
  const { modules, ...settings } = reader.study(file, shown);
  reader.problems.push(...contradictions(modules));
  const content = modules.map((module, index) => reader.module(module, `modules.${index}.`));
  if (reader.problems.length > 0) throw invalid(shown, reader.problems);
  return { ...settings, modules: content };
}

/**
 * What a study file says itself; the files that it names are not read.
 * @throws StudyInvalid
 */
export function readStudyPaths(file: string, shown: string): StudyPaths {
  return new Reader(dirname(file)).study(file, shown);
}

/**
 * A study of one module, which is named by its schema's file where nobody names it.
 * @throws StudyInvalid
 */
export function readModule(files: ModuleFiles, folder: string): { readonly modules: unknown[] } {
  const reader = new Reader(folder);
  const name = files.name ?? moduleNameOf(files.schema);
  const module = reader.module({ ...files, name }, '--');
  if (files.codes !== undefined && files.rules === undefined) {
    reader.problems.push('--codes: codes belong to rules, and --rules is not given');
  }
  if (reader.problems.length > 0) throw invalid('the command line', reader.problems);
  return { modules: [module] };
}

/** `uds.schema.json` is about `UDS`. */
function moduleNameOf(schema: string): string {
  return basename(schema)
    .replace(/\..*$/, '')
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64)
    .toUpperCase();
}

const UNREADABLE: RuleReading = {
  ok: false,
  problems: [{ pointer: '', message: 'there is no such file, or it cannot be read' }],
};

class Reader {
  readonly problems: string[] = [];
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws StudyInvalid */
  study(file: string, shown: string): StudyPaths {
    const given = this.read(file, null);
    if (given === undefined) throw invalid(shown, this.problems);
    const parsed = studyFileSchema.safeParse(given);
    if (parsed.success) return parsed.data;
    throw invalid(shown, schemaProblems(studyFileSchema, parsed.error, 'the study'));
  }

  module(module: ModulePaths, place: string): unknown {
    const { schema, rules, codes, ...settings } = module;
    const content = this.read(schema, `${place}schema`);
    const beside = gatherSchemaFiles(content, (name) => this.#beside(schema, name, place));
    return {
      ...settings,
      schema: content,
      ...(Object.keys(beside).length === 0 ? {} : { schemaFiles: beside }),
      ...(rules === undefined ? {} : { rules: this.read(rules, `${place}rules`) }),
      ...(codes === undefined ? {} : { codes: this.read(codes, `${place}codes`) }),
    };
  }

  /**
   * A file that a schema refers to. Undefined where none of the name lies beside the schema, or
   * below it: nothing is fetched from elsewhere, and no name leads out of the folder.
   */
  #beside(schema: string, name: string, place: string): unknown {
    const path = decodePercent(name);
    if (/^[a-z][a-z0-9+.-]*:|^\/|(?:^|\/)\.\.(?:\/|$)|\0/i.test(path)) return undefined;
    const file = join(dirname(schema), path);
    const isThere = statSync(resolve(this.#folder, file), { throwIfNoEntry: false })?.isFile();
    return isThere === true ? this.read(file, `${place}schema`) : undefined;
  }

  /**
   * The content of a file of JSON or YAML; undefined where there is a problem with it.
   * @param place where the file is named; null for the study file itself
   */
  read(file: string, place: string | null): unknown {
    const text = readText(resolve(this.#folder, file));
    const reading = text === null ? UNREADABLE : readRules(text);
    if (reading.ok) return reading.content;
    for (const { pointer, message } of reading.problems) {
      const sentence = message.replace(/\.$/, '');
      const problem = pointer === '' ? sentence : `${pointer}: ${sentence}`;
      this.problems.push(place === null ? problem : `${place}: ${file}: ${problem}`);
    }
    return undefined;
  }
}

/** Null: there is no such file, or it may not be read. Of a large one, enough to be refused. */
export function readText(file: string): string | null {
  try {
    const isLarge = statSync(file).size > 4 * LARGEST_RULE_FILE;
    return isLarge ? ' '.repeat(LARGEST_RULE_FILE + 1) : readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return null;
    throw error;
  }
}

/** What no schema can say: names that stand twice, and names that are none. */
function contradictions(modules: readonly ModulePaths[]): string[] {
  const names = modules.map(({ name }) => name);
  const known = new Set<string>();
  return modules.flatMap(({ name, requires = [], codes, rules }, index) => {
    const place = `modules.${index}`;
    const isTwice = known.has(name.toLowerCase());
    known.add(name.toLowerCase());
    const others = names.filter((other) => other !== name);
    return [
      ...(isTwice ? [`${place}.name: ${name} stands twice`] : []),
      ...(codes !== undefined && rules === undefined
        ? [`${place}.codes: codes belong to rules, and the module has none`]
        : []),
      ...requires
        .filter((other) => !others.includes(other))
        .map((other) => `${place}.requires: no other module is ${other}${hint(other, others)}`),
    ];
  });
}

function invalid(file: string, problems: readonly string[]): Error {
  return studyCodes.fault('StudyInvalid', { file, problems: limitProblems(problems) });
}
