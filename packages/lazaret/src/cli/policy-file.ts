/** Policies in files: `.json`, or the default export of `.ts` and `.js`. */
import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Fault } from '@lazaret/faults';
import { cliCodes } from './codes.ts';
import { readJson } from './json-file.ts';

/** A policy is written by people: larger files are something else. */
const MAX_BYTES = 4 * 1024 * 1024;

const MODULES: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs']);

/**
 * Reads a policy as it was written; the pipeline checks what it says. What a module exports is
 * brought into the form of JSON, so that it is the same policy, and the same recipe, as the JSON
 * file with that content.
 *
 * @param shown - the path as a person gave it.
 * @throws ConfigurationMissing, ConfigurationInvalid
 */
export async function readPolicy(path: string, shown: string): Promise<unknown> {
  refuseLarge(path, shown);
  const extension = extname(path);
  if (extension === '.json') return readJson(path, shown);
  if (!MODULES.has(extension)) {
    throw invalid(shown, 'a policy is a file that ends in .json, .ts or .js');
  }
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  } catch (error) {
    throw invalid(shown, 'it cannot be loaded as a module', error);
  }
  if (loaded.default === undefined) throw invalid(shown, 'it has no default export');
  try {
    // Functions, and whatever else is no data, are refused here and not left out.
    return JSON.parse(JSON.stringify(structuredClone(loaded.default))) as unknown;
  } catch (error) {
    throw invalid(shown, 'what it exports is not plain data', error);
  }
}

function refuseLarge(path: string, shown: string): void {
  let bytes: number;
  try {
    bytes = statSync(path).size;
  } catch (error) {
    throw cliCodes.fault('ConfigurationMissing', { file: shown }, { cause: error });
  }
  if (bytes > MAX_BYTES) throw invalid(shown, 'it is too large for a policy');
}

function invalid(file: string, problem: string, cause?: unknown): Fault {
  return cliCodes.fault(
    'ConfigurationInvalid',
    { file, problems: [problem] },
    cause === undefined ? {} : { cause },
  );
}
