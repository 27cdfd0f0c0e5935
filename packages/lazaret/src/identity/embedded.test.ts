import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embeddedIdentityService } from './embedded.ts';
import { type IdentifierRules, STRICT_RULES } from './identifier-rules.ts';
import {
  identityContext,
  type IdentityEntry,
  type IdentityMap,
  refuseChange,
} from './identity-map.ts';
import { projectKeyFrom } from './project-key.ts';
import { checkAnswer, type IdentityAnswer, type PatientRequest } from './service.ts';

const key = projectKeyFrom(new Uint8Array(32).fill(7));
const signal = new AbortController().signal;

class MemoryMap implements IdentityMap {
  readonly kept = new Map<string, IdentityEntry>();
  remember(entries: readonly IdentityEntry[]): Promise<void> {
    for (const entry of entries) {
      const name = identityContext(entry.kind, entry.pseudonym);
      const known = this.kept.get(name);
      if (known === undefined) this.kept.set(name, entry);
      else refuseChange(entry, [known]);
    }
    return Promise.resolve();
  }
}

const identify = async (
  patients: readonly PatientRequest[],
  rules: Partial<IdentifierRules> = {},
  map: IdentityMap = new MemoryMap(),
): Promise<IdentityAnswer> => {
  const service = embeddedIdentityService({
    key,
    map,
    rules: { ...STRICT_RULES, ...rules },
    prefixes: { patient: 'P', accession: 'A' },
  });
  const request = { patients };
  return checkAnswer(request, await service.identify(request, signal));
};

const pseudonymOf = async (
  id: string,
  rules: Partial<IdentifierRules> = {},
  issuer?: string,
): Promise<string | undefined> => {
  const patient = { id, accessions: [], ...(issuer === undefined ? {} : { issuer }) };
  return (await identify([patient], rules)).patients[0]?.pseudonym;
};

describe('the embedded identifier service', () => {
  it('gives the same answer again, which never changes between versions', async () => {
    const answer = await identify([{ id: 'MRN-1', accessions: ['2'] }]);
    expect(answer).toEqual(await identify([{ id: 'MRN-1', accessions: ['2'] }]));
    expect(answer.patients[0]).toMatchObject({
      pseudonym: 'P04W8544CN1CF',
      shiftDays: -121,
      accessions: { '2': 'A25WNXMP4Y31Z' },
    });
  });

  it('gives pseudonyms of 12 unambiguous letters behind the prefix', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 1 }).filter((id) => /[^\s\0]/u.test(id)),
        async (id) => {
          const [patient] = (await identify([{ id, accessions: [id] }])).patients;
          expect(patient?.pseudonym).toMatch(/^P[0-9A-HJKMNP-TV-Z]{12}$/);
          expect(patient?.accessions[id]).toMatch(/^A[0-9A-HJKMNP-TV-Z]{12}$/);
          expect(patient?.shiftDays).toBeGreaterThanOrEqual(-365);
          expect(patient?.shiftDays).toBeLessThanOrEqual(-1);
        },
      ),
    );
  });

  it('spreads date shifts evenly and leaves none out', async () => {
    const ids = Array.from({ length: 36_500 }, (_, at) => ({ id: `n${at}`, accessions: [] }));
    const counts = new Map<number, number>();
    for (const { shiftDays } of (await identify(ids)).patients) {
      counts.set(shiftDays, (counts.get(shiftDays) ?? 0) + 1);
    }
    expect(counts.size).toBe(365);
    let chiSquare = 0;
    for (const count of counts.values()) chiSquare += (count - 100) ** 2 / 100;
    // 364 degrees of freedom: mean 364, standard deviation 27. The key is fixed, so is the result.
    expect(chiSquare).toBeLessThan(364 + 4 * 27);
  });

  it('does not join the accession "2" of two patients', async () => {
    const { patients } = await identify([
      { id: 'a', accessions: ['2'] },
      { id: 'b', accessions: ['2'] },
    ]);
    expect(patients[0]?.accessions['2']).not.toBe(patients[1]?.accessions['2']);
  });

  it('takes spellings for one patient as the rules say, and only then', async () => {
    expect(await pseudonymOf(' 12a\0')).toBe(await pseudonymOf('12a'));
    expect(await pseudonymOf('12a')).not.toBe(await pseudonymOf('12A'));
    expect(await pseudonymOf('12a', { case: 'upper' })).toBe(
      await pseudonymOf('12A', { case: 'upper' }),
    );
    expect(await pseudonymOf('0012')).not.toBe(await pseudonymOf('12'));
    const strip = { leadingZeros: 'strip' } as const;
    expect(await pseudonymOf('0012', strip)).toBe(await pseudonymOf('12', strip));
    expect(await pseudonymOf('000', strip)).toBe(await pseudonymOf('0', strip));
    expect(await pseudonymOf('1', {}, 'north')).not.toBe(await pseudonymOf('1', {}, 'south'));
    expect(await pseudonymOf('1', {}, ' ')).toBe(await pseudonymOf('1'));
    const ignore = { issuer: 'ignore' } as const;
    expect(await pseudonymOf('1', ignore, 'north')).toBe(await pseudonymOf('1', ignore, 'south'));
    expect(await pseudonymOf('Jose\u0301')).toBe(await pseudonymOf('Jos\u00e9'));
  });

  it('refuses blank and endless identifiers, whatever the rules', async () => {
    for (const id of ['', '  ', '\0\0', '\t\n']) {
      await expect(pseudonymOf(id, { trim: false })).rejects.toMatchObject({
        code: 'IdentifierMissing',
      });
      await expect(identify([{ id: 'x', accessions: [id] }])).rejects.toMatchObject({
        code: 'IdentifierMissing',
        parameters: { kind: 'accession' },
      });
    }
    await expect(pseudonymOf('x'.repeat(1025))).rejects.toMatchObject({
      code: 'IdentifierTooLong',
    });
  });

  it('keeps the way back sealed, and nothing of it in clear', async () => {
    const map = new MemoryMap();
    const answer = await identify(
      [{ id: 'MRN-778', issuer: 'north', accessions: ['ACC-9'] }],
      {},
      map,
    );
    expect(map.kept.size).toBe(2);
    for (const entry of map.kept.values()) {
      expect(Buffer.from(entry.sealed).toString('latin1')).not.toMatch(/MRN|ACC|north/);
    }
    const pseudonym = answer.patients[0]?.pseudonym ?? '';
    const context = identityContext('patient', pseudonym);
    expect(key.unsealJson(map.kept.get(context)?.sealed ?? new Uint8Array(), context)).toEqual({
      id: 'MRN-778',
      issuer: 'north',
    });
  });

  it('stops where the map knows the pseudonym for somebody else', async () => {
    const map = new MemoryMap();
    await identify([{ id: 'a', accessions: [] }], {}, map);
    for (const [name, entry] of map.kept) map.kept.set(name, { ...entry, origin: 'f'.repeat(64) });
    await expect(identify([{ id: 'a', accessions: [] }], {}, map)).rejects.toMatchObject({
      code: 'PseudonymCollision',
    });
  });

  it('answers nothing where the map cannot keep it', async () => {
    const failing = { remember: () => Promise.reject(new Error('no store')) };
    await expect(identify([{ id: 'a', accessions: [] }], {}, failing)).rejects.toThrow('no store');
  });

  it('stops when it is told to', async () => {
    const service = embeddedIdentityService({
      key,
      map: new MemoryMap(),
      rules: STRICT_RULES,
      prefixes: { patient: 'P', accession: 'A' },
    });
    const stopped = AbortSignal.abort(new Error('enough'));
    await expect(service.identify({ patients: [] }, stopped)).rejects.toThrow('enough');
  });
});
