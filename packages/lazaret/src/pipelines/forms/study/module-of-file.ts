/**
 * Which module the records of a file are of: the one that the person named, else the one whose
 * pattern fits the file's name, else what a column of the record says, else the study's only one.
 */
import { basename } from 'node:path';
import { nearestName } from '@lazaret/faults';
import type { Study } from '../study.ts';
import { studyCodes } from './codes.ts';
import { fitsPattern } from './name-pattern.ts';

export type ModuleOfFile =
  | { readonly kind: 'module'; readonly name: string }
  /** Each record says it itself. */
  | { readonly kind: 'column'; readonly column: string }
  /** No module takes it, or several do: these. */
  | { readonly kind: 'none'; readonly takers: readonly string[] };

/** How a run tells the modules of its files apart. */
export interface ModuleChoice {
  readonly study: Study;
  /** Named by the person; it overrides patterns and columns. */
  readonly module?: string | undefined;
}

/**
 * @param path the file; only its name is looked at
 * @throws ModuleNotInStudy
 */
export function moduleOfFile(choice: ModuleChoice, path: string): ModuleOfFile {
  const { study } = choice;
  const named = namedModule(choice);
  if (named !== null) return { kind: 'module', name: named };
  const fileName = basename(path);
  const takers = study.modules.filter(({ files = [] }) =>
    files.some((pattern) => fitsPattern(fileName, pattern)),
  );
  const [taker, ...others] = takers;
  if (others.length > 0) return { kind: 'none', takers: takers.map(({ name }) => name) };
  if (taker !== undefined) return { kind: 'module', name: taker.name };
  if (study.moduleColumn !== undefined) return { kind: 'column', column: study.moduleColumn };
  const [only, second] = study.modules;
  if (only !== undefined && second === undefined && only.files === undefined) {
    return { kind: 'module', name: only.name };
  }
  return { kind: 'none', takers: [] };
}

/** The module that the person named; null where nobody did. @throws ModuleNotInStudy */
function namedModule({ study, module }: ModuleChoice): string | null {
  if (module === undefined) return null;
  const name = moduleNamed(study, module);
  if (name !== null) return name;
  const modules = study.modules.map((one) => one.name);
  const nearest = nearestName(module, modules) ?? modules.join(', ');
  throw studyCodes.fault('ModuleNotInStudy', { module, nearest });
}

/**
 * Refuses files of which no module takes any: then nothing of the run would be right. Where others
 * are taken, those go on, and what is not is rejected with the reason.
 *
 * @param paths none where files are yet to come
 * @throws ModuleNotInStudy, FileOfTwoModules, FileOfNoModule
 */
export function demandTaken(choice: ModuleChoice, paths: readonly string[]): void {
  if (namedModule(choice) !== null) return;
  let first: { readonly number: number; readonly takers: readonly string[] } | null = null;
  for (const [index, path] of paths.entries()) {
    const of = moduleOfFile(choice, path);
    if (of.kind !== 'none') return;
    first ??= { number: index + 1, takers: of.takers };
  }
  if (first === null) return;
  const { number, takers } = first;
  const modules = choice.study.modules.map(({ name }) => name);
  // Files are told by number: a name may be a patient's.
  throw takers.length === 0
    ? studyCodes.fault('FileOfNoModule', { number, modules })
    : studyCodes.fault('FileOfTwoModules', { number, modules: takers });
}

/** Why no module takes a file, in words that name no file. */
export function whyNotTaken({ modules }: Study, takers: readonly string[]): string {
  return takers.length > 0
    ? `its name fits the patterns of ${takers.join(' and ')}`
    : `its name fits no pattern of ${modules.map(({ name }) => name).join(', ')}`;
}

/** The module that a text names; blanks around it and its case do not matter. */
export function moduleNamed({ modules }: Study, text: string): string | null {
  const wanted = text.trim().toLowerCase();
  return modules.find(({ name }) => name.toLowerCase() === wanted)?.name ?? null;
}
