/** `lazaret policy check` and `convert`: what a policy says, before anything is done by it. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isFault } from '@lazaret/faults';
import { overlayRecipe } from '../pipelines/imaging/deid-recipe/overlay.ts';
import { defaultPolicy, parsePolicy, type Policy } from '../pipelines/imaging/policy.ts';
import { meaningOf, type PolicyMeaning } from '../pipelines/imaging/policy/meaning.ts';
import { cliCodes } from './codes.ts';
import type { Configuration } from './configuration.ts';
import { readPolicy } from './policy-file.ts';

/** What a policy is made of, as it was typed. */
export interface PolicyOptions {
  readonly policy?: string | undefined;
  readonly deidRecipe?: string | undefined;
}

export interface ChosenPolicy {
  /** As it was written; undefined for the one that comes with Lazaret. */
  readonly policy: unknown;
  /** What a recipe says that the policy decides otherwise. */
  readonly notes: readonly string[];
}

/** More text than this is no recipe that somebody wrote. */
const MAX_RECIPE_BYTES = 1024 * 1024;

/**
 * The policy that the command line names, or else the configuration, with the recipe over it.
 * @throws ConfigurationMissing, ConfigurationInvalid, PolicyInvalid, DeidRecipeUnequal
 */
export async function choosePolicy(
  { policy: file, deidRecipe }: PolicyOptions,
  { imagingPolicy }: Pick<Configuration, 'imagingPolicy'>,
  folder: string,
): Promise<ChosenPolicy> {
  const policy = file === undefined ? imagingPolicy : await readPolicy(resolve(folder, file), file);
  if (deidRecipe === undefined) return { policy, notes: [] };
  return overlayRecipe(
    policy ?? defaultPolicy(),
    readRecipe(resolve(folder, deidRecipe), deidRecipe),
  );
}

function readRecipe(path: string, shown: string): string {
  let text: string;
  try {
    if (statSync(path).size > MAX_RECIPE_BYTES) {
      const problems = ['it is too large for a recipe'];
      throw cliCodes.fault('ConfigurationInvalid', { file: shown, problems });
    }
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isFault(error)) throw error;
    throw cliCodes.fault('ConfigurationMissing', { file: shown }, { cause: error });
  }
  return text;
}

export type PolicyDocument =
  | ({ readonly valid: true } & PolicyMeaning & { readonly notes: readonly string[] })
  | { readonly valid: false; readonly problems: readonly string[] };

/** What a policy means, or all that is wrong with it. Faults about files are thrown. */
export async function checkPolicy(choose: () => Promise<ChosenPolicy>): Promise<PolicyDocument> {
  try {
    const { policy, notes } = await choose();
    const checked = policy === undefined ? defaultPolicy() : parsePolicy(policy);
    return { valid: true, ...meaningOf(checked), notes };
  } catch (error) {
    if (!isFault(error) || !REFUSALS.has(error.code)) throw error;
    return { valid: false, problems: error.parameters['problems'] as readonly string[] };
  }
}

const REFUSALS: ReadonlySet<string> = new Set(['PolicyInvalid', 'DeidRecipeUnequal']);

/** The policy that a recipe over another one comes to, to be kept as a file of its own. */
export function convertPolicy({ policy }: ChosenPolicy): Policy {
  return policy === undefined ? defaultPolicy() : parsePolicy(policy);
}
