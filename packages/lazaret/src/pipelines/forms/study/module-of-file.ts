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
  | { readonly kind: 'column'; readonly column: string };

/** How a run tells the modules of its files apart. */
export interface ModuleChoice {
  readonly study: Study;
  /** Named by the person; it overrides patterns and columns. */
  readonly module?: string | undefined;
}

/**
 * @param path the file; only its name is looked at
 * @param number which of the run's files it is, from 1, for the message: a name may be a patient's
 * @throws ModuleNotInStudy, FileOfTwoModules, FileOfNoModule
 */
export function moduleOfFile(choice: ModuleChoice, path: string, number: number): ModuleOfFile {
  const { study, module } = choice;
  const modules = study.modules.map(({ name }) => name);
  if (module !== undefined) {
    const name = moduleNamed(study, module);
    if (name !== null) return { kind: 'module', name };
    const nearest = nearestName(module, modules) ?? modules.join(', ');
    throw studyCodes.fault('ModuleNotInStudy', { module, nearest });
  }
  const fileName = basename(path);
  const takers = study.modules.filter(({ files = [] }) =>
    files.some((pattern) => fitsPattern(fileName, pattern)),
  );
  const [taker, ...others] = takers;
  if (others.length > 0) {
    const names = takers.map(({ name }) => name);
    throw studyCodes.fault('FileOfTwoModules', { number, modules: names });
  }
  if (taker !== undefined) return { kind: 'module', name: taker.name };
  if (study.moduleColumn !== undefined) return { kind: 'column', column: study.moduleColumn };
  const [only, second] = study.modules;
  if (only !== undefined && second === undefined && only.files === undefined) {
    return { kind: 'module', name: only.name };
  }
  throw studyCodes.fault('FileOfNoModule', { number, modules });
}

/** The module that a text names; blanks around it and its case do not matter. */
export function moduleNamed({ modules }: Study, text: string): string | null {
  const wanted = text.trim().toLowerCase();
  return modules.find(({ name }) => name.toLowerCase() === wanted)?.name ?? null;
}
