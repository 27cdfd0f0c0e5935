/** All that can go wrong with forms, from all rooms of this pipeline: one line each. */
import { alertCodes } from './alerts/codes.ts';
import { formsCodes } from './codes.ts';
import { erasureCodes } from './erasure/codes.ts';
import { identifierCodes } from './identifiers/codes.ts';
import { judgingCodes } from './judging/codes.ts';
import { readingCodes } from './reading/codes.ts';
import { schemaCodes } from './schema/codes.ts';
import { studyCodes } from './study/codes.ts';

export const formsEntries = {
  ...alertCodes.entries,
  ...erasureCodes.entries,
  ...formsCodes.entries,
  ...identifierCodes.entries,
  ...judgingCodes.entries,
  ...readingCodes.entries,
  ...schemaCodes.entries,
  ...studyCodes.entries,
};
