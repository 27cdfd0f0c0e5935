import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Unevaluable } from '../rules/python/arithmetic.ts';
import { projectKeyFrom } from '../../../identity/keys.ts';
import type { FormsConfiguration } from '../configure.ts';
import { CivilDate } from '../rules/python/civil-date.ts';
import { studySchema } from '../study.ts';
import type { FormsTools } from '../tools.ts';
import { Answers } from './answers.ts';
import type { PreparedAnswers } from './prepare.ts';
import { lookUpSettingsSchema } from './settings.ts';

/** Tools of a study with one module, as far as answers need them. */
function toolsOf(centres: unknown, site = 'default'): FormsTools {
  const study = studySchema.parse({ modules: [{ name: 'UDS', schema: {} }] });
  const configuration: FormsConfiguration = {
    ...{ study, out: '', collection: '', site, groups: 1 },
    lookUps: lookUpSettingsSchema.parse(centres === undefined ? {} : { centres }),
  };
  const none = new Map<string, never>();
  return {
    ...{ configuration, schemas: none, checkers: none, order: [], requirements: none },
    ...{ drugFields: none, key: projectKeyFrom(randomBytes(32)), recipe: '' },
  };
}

const SERVICE: PreparedAnswers = {
  identifiers: {
    kind: 'service',
    ids: new Map([
      ['17|A1', 'NACC000001'],
      ['17|B1', null],
    ]),
  },
  drugs: [{ code: '5', status: 'obsolete', activeFrom: '2010-03', activeTo: '2019-12' }],
};

describe('what was looked up', () => {
  it('gives a record the id of its subject, and says that it did not come with it', () => {
    const values = { adcid: 17, ptid: '00A1', age: 70 };
    const answers = new Answers(SERVICE, toolsOf(undefined));
    expect(answers.identify(values)).toEqual({ isExtended: true, findings: null });
    expect(values).toEqual({ adcid: 17, ptid: '00A1', age: 70, naccid: 'NACC000001' });
    expect(answers.identify(values)).toEqual({ isExtended: false, findings: null });
  });

  it('changes nothing where ids are not looked up', () => {
    const values = { adcid: 'anything' };
    const answers = new Answers({ identifiers: null, drugs: [] }, toolsOf(undefined));
    expect(answers.identify(values)).toEqual({ isExtended: false, findings: null });
    expect(values).toEqual({ adcid: 'anything' });
  });

  it('names the centre, where it stands and what to expect', () => {
    const centres = [{ adcid: 17, name: 'Demo University' }, { adcid: 18 }];
    const answers = new Answers(SERVICE, toolsOf(centres));
    const tell = (values: Record<string, string | number>) =>
      answers.identify(values).findings?.map(({ code, parameters, place }) => ({
        code,
        ...parameters,
        column: place.column,
      }));
    expect(tell({ adcid: 17, ptid: 'B1' })).toMatchObject([
      { code: 'ParticipantUnknown', centre: '17 (Demo University)', value: 'B1', column: 'ptid' },
    ]);
    expect(tell({ adcid: 23, ptid: 'B1' })).toMatchObject([
      { code: 'CentreUnknown', centre: '23', expected: '17, 18', column: 'adcid' },
    ]);
  });

  it('says of a drug whether it may stand in a record, and guesses about none', () => {
    const { forRules } = new Answers(SERVICE, toolsOf(undefined));
    expect(forRules.isValidRxcui(5, null)).toBe(false);
    expect(forRules.isValidRxcui('5', new CivilDate(2012, 1, 31))).toBe(true);
    expect(forRules.isValidRxcui('no code', null)).toBe(false);
    expect(() => forRules.isValidRxcui(6, null)).toThrow(Unevaluable);
  });

  it('knows the centre of the site that sends, and cannot say whose another one is', () => {
    const centres = [{ adcid: 17, site: 'demo-u' }, { adcid: 18 }];
    const ours = new Answers(SERVICE, toolsOf(centres, 'demo-u')).forRules;
    expect([17, '017', 18, null].map((one) => ours.isValidAdcid(one, true))).toEqual([
      ...[true, true, false, false],
    ]);
    expect([18, 23].map((one) => ours.isValidAdcid(one, false))).toEqual([true, false]);
    const others = new Answers(SERVICE, toolsOf(centres, 'another')).forRules;
    expect(() => others.isValidAdcid(17, true)).toThrow(Unevaluable);
    expect(() => new Answers(SERVICE, toolsOf(undefined)).forRules.isValidAdcid(17, false)).toThrow(
      Unevaluable,
    );
  });
});
