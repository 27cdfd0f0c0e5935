import { isFault } from '@lazaret/faults';
import { describe, expect, it } from 'vitest';
import { CHECKS, type FormModule } from '../study.ts';
import {
  lookUpDependencies,
  lookUpRecipe,
  lookUpSettingsSchema,
  lookUpsFor,
  type LookUpSettings,
} from './settings.ts';

const HTTP = {
  mode: 'http',
  url: 'https://ids.example.org/identifiers',
  contact: 'ids@example.org',
};
const DRUGS = { mode: 'http', url: 'https://rx.example.org/REST', contact: 'rx@example.org' };

const parse = (given: unknown): LookUpSettings => lookUpSettingsSchema.parse(given);

/** The problems of settings, each as `path: message`. */
function problemsOf(given: unknown): string[] {
  const { error } = lookUpSettingsSchema.safeParse(given);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('settings of look-ups', () => {
  it('are refused where they contradict each other or are unsafe', () => {
    expect(problemsOf({ identifiers: { ...HTTP, url: 'http://ids.example.org/' } })[0]).toContain(
      'identifiers.url: must begin with https://',
    );
    expect(problemsOf({ drugs: { ...DRUGS, tokenFile: '/a', tokenEnv: 'B' } })).toEqual([
      'drugs.tokenEnv: must not stand beside tokenFile: one place for the secret',
    ]);
    expect(
      problemsOf({ identifiers: { mode: 'embedded', url: 'https://x.example.org' } }),
    ).not.toEqual([]);
    const centres = [
      { adcid: 17, site: 'a' },
      { adcid: 17, site: 'b' },
      { adcid: 18, site: 'a' },
    ];
    expect(problemsOf({ centres })).toEqual([
      'centres.1.adcid: stands twice: 17',
      'centres.2.site: stands twice: a',
    ]);
  });

  it('declare the services that are called, and none for the embedded table', () => {
    expect(lookUpDependencies(parse({ identifiers: { mode: 'embedded' } }))).toEqual([]);
    const both = lookUpDependencies(parse({ identifiers: HTTP, drugs: DRUGS }));
    expect(both.map(({ name, contact }) => `${name}, ${contact}`)).toEqual([
      'the identifier service, ids@example.org',
      'the drug service, rx@example.org',
    ]);
  });

  it('are part of the recipe with what determines a result, and in one spelling', () => {
    expect(lookUpRecipe(parse({}))).toBeNull();
    const one = lookUpRecipe(parse({ identifiers: HTTP, drugs: DRUGS }));
    const url = 'HTTPS://IDS.example.org:443/identifiers';
    const same = { ...HTTP, url, contact: 'somebody', timeoutMs: 500 };
    expect(lookUpRecipe(parse({ identifiers: same, drugs: DRUGS }))).toEqual(one);
    expect(lookUpRecipe(parse({ identifiers: { mode: 'embedded' }, drugs: DRUGS }))).not.toEqual(
      one,
    );
  });
});

describe('the checks of a study', () => {
  const modules: readonly FormModule[] = [
    { name: 'UDS', schema: {}, rules: { drug: { function: { name: 'check_rxcui', args: {} } } } },
  ];
  const all = parse({ identifiers: HTTP, drugs: DRUGS, centres: [{ adcid: 17 }] });

  it('look up what they need of all that is configured', () => {
    const of = (...checks: readonly (typeof CHECKS)[number][]) =>
      Object.keys(lookUpsFor({ modules, checks }, all, 'a'));
    expect(of('identifier-lookup')).toEqual(['identifiers', 'centres']);
    expect(of('form-qc-checker')).toEqual(['centres', 'drugs']);
    expect(of('file-validator')).toEqual(['centres']);
  });

  it('run without ids where all of them run, and not where that one was asked for', () => {
    expect(lookUpsFor({ modules: [], checks: CHECKS }, {}, 'a')).toEqual({});
    const wanted = () => lookUpsFor({ modules: [], checks: ['identifier-lookup'] }, {}, 'a');
    expect(wanted).toThrow(expect.objectContaining({ code: 'IdentifiersNotConfigured' }));
  });
});

describe('rules that look something up', () => {
  const rulesOf = (name: string, args: object = {}): FormModule => ({
    name: 'UDS',
    schema: {},
    rules: { field: { type: 'integer', function: { name, args } } },
  });
  const refusal = (module: FormModule, given: unknown): unknown => {
    try {
      lookUpsFor({ modules: [module], checks: CHECKS }, parse(given), 'site-a');
      return null;
    } catch (error) {
      if (isFault(error) && error.code === 'LookUpNotConfigured') return error.parameters;
      throw error;
    }
  };

  it('are refused at the start where nothing is configured to answer them', () => {
    expect(refusal(rulesOf('check_rxcui'), {})).toEqual({
      ...{ module: 'UDS', function: 'check_rxcui', fields: ['field'], setting: 'forms.drugs' },
    });
    expect(refusal(rulesOf('check_adcid', { own: false }), {})).toMatchObject({
      setting: 'forms.centres',
    });
    expect(refusal(rulesOf('check_adcid'), { centres: [{ adcid: 1, site: 'b' }] })).toMatchObject({
      setting: 'a centre in forms.centres with "site": "site-a"',
    });
  });

  it('are taken where it is', () => {
    expect(refusal(rulesOf('check_rxcui'), { drugs: DRUGS })).toBeNull();
    expect(refusal(rulesOf('check_adcid', { own: false }), { centres: [{ adcid: 1 }] })).toBeNull();
    const embedded = { identifiers: { mode: 'embedded' } };
    expect(refusal(rulesOf('check_adcid', { own: false }), embedded)).toBeNull();
    expect(refusal(rulesOf('check_adcid'), { centres: [{ adcid: 1, site: 'site-a' }] })).toBeNull();
    expect(refusal({ name: 'UDS', schema: {} }, {})).toBeNull();
  });

  it('are found wherever in a rule set they stand', () => {
    // As text: a rule has a key that makes an object look like a promise.
    const rules: unknown = JSON.parse(`{
      "drug": { "type": "string" },
      "other": { "type": "string", "compatibility": [{
        "if": { "other": { "allowed": ["x"] } },
        "then": { "drug": { "function": { "name": "check_rxcui", "args": {} } } }
      }] }
    }`);
    const inside: FormModule = { name: 'UDS', schema: {}, rules };
    expect(refusal(inside, {})).toMatchObject({ function: 'check_rxcui', fields: ['drug'] });
  });
});
