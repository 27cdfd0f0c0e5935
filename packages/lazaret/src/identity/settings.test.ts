import { describe, expect, it } from 'vitest';
import { identityDependencies, identityRecipe, identitySettingsSchema } from './settings.ts';

const HTTP = {
  kind: 'http',
  url: 'https://ids.example.org/api',
  contact: 'ids@example.org',
  patientSource: 'Stanford MRN',
  accessionSource: 'DCM Accession #',
};

describe('the settings of the identifier service', () => {
  it.for([
    [{ ...HTTP, url: 'http://ids.example.org/' }, 'url'],
    [{ ...HTTP, tokenFile: 'a', tokenEnv: 'B' }, 'tokenEnv'],
    [{ ...HTTP, tokenEnv: 'not a name' }, 'tokenEnv'],
    [{ ...HTTP, contact: '' }, 'contact'],
    [{ ...HTTP, token: 'a-secret' }, ''],
    [{ kind: 'ldap' }, 'kind'],
  ] as const)('are refused with the path of what is wrong: %j', ([given, path]) => {
    const { error } = identitySettingsSchema.safeParse(given);
    expect(error?.issues[0]?.path.join('.')).toBe(path);
  });

  it('have nothing of the secret, of time-outs or of people in the recipe', () => {
    const plain = identityRecipe(identitySettingsSchema.parse(HTTP));
    const other = { tokenFile: '/run/token', timeoutMs: 5_000, contact: 'else', attempts: 2 };
    expect(identityRecipe(identitySettingsSchema.parse({ ...HTTP, ...other }))).toEqual(plain);
    const spelt = { ...HTTP, url: 'HTTPS://ids.example.org:443/api' };
    expect(identityRecipe(identitySettingsSchema.parse(spelt))).toEqual(plain);
  });

  it('make another recipe where they determine another result', () => {
    const plain = JSON.stringify(identityRecipe(identitySettingsSchema.parse(HTTP)));
    for (const change of [
      { url: 'https://ids.example.org/other' },
      { patientSource: 'Other MRN' },
      { accessionSource: 'Other' },
      { issuerSources: { B: 'Other MRN' } },
    ]) {
      const recipe = identityRecipe(identitySettingsSchema.parse({ ...HTTP, ...change }));
      expect(JSON.stringify(recipe)).not.toBe(plain);
    }
    expect(identityRecipe({ kind: 'embedded' })).toBeNull();
    expect(identityRecipe(undefined)).toBeNull();
  });

  it('declare the service that is asked, with its contact and its limits', () => {
    expect(identityDependencies(undefined)).toEqual([]);
    expect(identityDependencies(identitySettingsSchema.parse(HTTP))).toMatchObject([
      { name: 'the identifier service', contact: 'ids@example.org', policy: { timeoutMs: 30_000 } },
    ]);
  });
});
