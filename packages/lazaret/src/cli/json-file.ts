/** Files that people name. */
import { readFileSync } from 'node:fs';
import { cliCodes } from './codes.ts';

/** Reads a file that a person named. @throws ConfigurationMissing */
export function readText(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw cliCodes.fault('ConfigurationMissing', { file: shown }, { cause: error });
  }
}

/** Reads a JSON file that a person named. @throws ConfigurationMissing, ConfigurationInvalid */
export function readJson(path: string, shown: string): unknown {
  const text = readText(path, shown);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw cliCodes.fault(
      'ConfigurationInvalid',
      { file: shown, problems: ['it is not JSON'] },
      { cause: error },
    );
  }
}
