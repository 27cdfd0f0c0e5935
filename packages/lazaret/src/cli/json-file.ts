/** Files of JSON that people name. */
import { readFileSync } from 'node:fs';
import { cliCodes } from './codes.ts';

/** Reads a JSON file that a person named. @throws ConfigurationMissing, ConfigurationInvalid */
export function readJson(path: string, shown: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw cliCodes.fault('ConfigurationMissing', { file: shown }, { cause: error });
  }
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
