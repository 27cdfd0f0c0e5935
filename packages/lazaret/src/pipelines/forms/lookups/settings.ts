/** What forms look up outside: the ids of subjects, the centres of the study, the codes of drugs. */
import { z } from 'zod';
import type { Dependency } from '../../../engine/pipeline.ts';
import { dependencyOf } from '../../../web-service/service-settings.ts';
import {
  DRUG_SERVICE,
  DRUG_SETTING_NAMES,
  drugRecipe,
  drugSettingsSchema,
} from '../drugs/settings.ts';
import { identifierCodes } from '../identifiers/codes.ts';
import {
  CENTRE_SETTING_NAMES,
  centresSchema,
  IDENTIFIER_SETTING_NAMES,
  identifierRecipe,
  identifierSettingsSchema,
  SUBJECT_SERVICE,
} from '../identifiers/settings.ts';
import { CHECKS, type FormModule, type Study } from '../study.ts';
import { lookUpsOf } from './look-ups.ts';

const shape = {
  identifiers: identifierSettingsSchema
    .optional()
    .describe('Where the ids of subjects come from; absent: none are looked up.'),
  centres: centresSchema
    .optional()
    .describe('The centres of the study; absent: those of the identifier table.'),
  drugs: drugSettingsSchema.optional().describe('Who answers about codes of drugs.'),
};

/** The part `forms` of a configuration. The reference page is made from it. */
export const lookUpSettingsSchema = z.strictObject(shape);

export type LookUpSettings = z.output<typeof lookUpSettingsSchema>;

/** What may stand at a place below `forms`, for the nearest name to a misspelt one. */
export function lookUpNames(path: readonly string[]): readonly string[] {
  switch (path[0]) {
    case 'identifiers':
      return IDENTIFIER_SETTING_NAMES;
    case 'centres':
      return CENTRE_SETTING_NAMES;
    case 'drugs':
      return DRUG_SETTING_NAMES;
    default:
      return Object.keys(shape);
  }
}

/** The services that a run with these settings calls. */
export function lookUpDependencies({ identifiers, drugs }: LookUpSettings): readonly Dependency[] {
  return [
    ...(identifiers?.mode === 'http' ? [dependencyOf(SUBJECT_SERVICE, identifiers)] : []),
    ...(drugs === undefined ? [] : [dependencyOf(DRUG_SERVICE, drugs)]),
  ];
}

/** What of the settings determines a result; null where nothing is looked up. */
export function lookUpRecipe({ identifiers, centres, drugs }: LookUpSettings): unknown {
  if (identifiers === undefined && centres === undefined && drugs === undefined) return null;
  return {
    identifiers: identifierRecipe(identifiers),
    centres: centres?.map(({ adcid, site }) => [adcid, site ?? null]) ?? null,
    drugs: drugRecipe(drugs),
  };
}

/**
 * What the checks of a study look up, of all that is configured.
 *
 * @param site the one that sends the data
 * @throws `IdentifiersNotConfigured`, `LookUpNotConfigured`
 */
export function lookUpsFor(
  { modules, checks }: Pick<Study, 'modules' | 'checks'>,
  { identifiers, centres, drugs }: LookUpSettings,
  site: string,
): LookUpSettings {
  const isWanted = checks.includes('identifier-lookup');
  // All checks together is what runs where nobody has chosen; this one then runs where it can.
  if (isWanted && identifiers === undefined && checks.length < CHECKS.length) {
    throw identifierCodes.fault('IdentifiersNotConfigured', {});
  }
  const lookUps: LookUpSettings = {
    ...(isWanted && identifiers !== undefined ? { identifiers } : {}),
    ...(centres === undefined ? {} : { centres }),
    ...(checks.includes('form-qc-checker') && drugs !== undefined ? { drugs } : {}),
  };
  if (checks.includes('form-qc-checker')) refuseUnanswered(modules, lookUps, site);
  return lookUps;
}

/**
 * Refuses rules that look something up for which nothing is configured: each record would else be
 * told that its rules cannot be evaluated.
 *
 * @param site the one that sends the data
 * @throws `LookUpNotConfigured`
 */
export function refuseUnanswered(
  modules: readonly FormModule[],
  { identifiers, centres, drugs }: LookUpSettings,
  site: string,
): void {
  const hasCentres = centres !== undefined || identifiers?.mode === 'embedded';
  const hasOwn = centres?.some((centre) => centre.site === site) ?? false;
  for (const module of modules) {
    const lookUps = lookUpsOf(module);
    const refuse = (name: string, setting: string, some: typeof lookUps): void => {
      if (some.length === 0) return;
      const fields = [...new Set(some.map(({ field }) => field))];
      const about = { module: module.name, function: name, fields, setting };
      throw identifierCodes.fault('LookUpNotConfigured', about);
    };
    const drugRules = lookUps.filter(({ of }) => of === 'drug');
    if (drugs === undefined) refuse('check_rxcui', 'forms.drugs', drugRules);
    const ownRules = lookUps.filter((one) => one.of === 'center' && one.own);
    const setting = `a centre in forms.centres with "site": "${site}"`;
    if (!hasOwn) refuse('check_adcid', setting, ownRules);
    const centreRules = lookUps.filter((one) => one.of === 'center' && !one.own);
    if (!hasCentres) refuse('check_adcid', 'forms.centres', centreRules);
  }
}
