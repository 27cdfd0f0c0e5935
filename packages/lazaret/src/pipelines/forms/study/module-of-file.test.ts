import { describe, expect, it } from 'vitest';
import { studySchema, type Study } from '../study.ts';
import { demandTaken, moduleNamed, moduleOfFile, whyNotTaken } from './module-of-file.ts';

const study = (modules: readonly object[], settings: object = {}): Study =>
  studySchema.parse({ modules: modules.map((one) => ({ schema: {}, ...one })), ...settings });

const two = [
  { name: 'UDS', files: ['uds*.csv'] },
  { name: 'NP', files: ['*np*.csv'] },
];

describe('the module of a file', () => {
  it('is the one whose pattern fits its name', () => {
    expect(moduleOfFile({ study: study(two) }, '/np/uds1.csv')).toEqual({
      kind: 'module',
      name: 'UDS',
    });
  });

  it('is the one that the person names, whatever the pattern says', () => {
    expect(moduleOfFile({ study: study(two), module: 'np' }, '/uds1.csv')).toEqual({
      kind: 'module',
      name: 'NP',
    });
  });

  it('is said by a column where no pattern fits and the study names one', () => {
    const column = study(two, { moduleColumn: 'packet' });
    expect(moduleOfFile({ study: column }, '/all.csv')).toEqual({
      kind: 'column',
      column: 'packet',
    });
  });

  it('is the only one of a study that has no patterns', () => {
    const only = study([{ name: 'UDS' }]);
    expect(moduleOfFile({ study: only }, '/x.csv')).toEqual({ kind: 'module', name: 'UDS' });
  });

  it('is none where no pattern fits, or those of several do', () => {
    const none = { kind: 'none', takers: [] };
    expect(moduleOfFile({ study: study(two) }, '/Testperson.csv')).toEqual(none);
    const takers = ['UDS', 'NP'];
    expect(moduleOfFile({ study: study(two) }, '/uds-np.csv')).toEqual({ kind: 'none', takers });
    expect(whyNotTaken(study(two), takers)).toBe('its name fits the patterns of UDS and NP');
  });

  it('refuses a run where it is none for every file, without their names', () => {
    const refusal = (paths: readonly string[], module?: string): unknown => {
      try {
        demandTaken({ study: study(two), module }, paths);
        return null;
      } catch (error) {
        return error;
      }
    };
    expect(refusal(['/Testperson.csv', '/uds.csv'])).toBeNull();
    expect(refusal(['/Testperson.csv', '/uds-np.csv'])).toMatchObject({
      code: 'FileOfNoModule',
      parameters: { number: 1, modules: ['UDS', 'NP'] },
    });
    expect(refusal(['/uds-np.csv'])).toMatchObject({ code: 'FileOfTwoModules' });
    expect(refusal([])).toBeNull();
    expect(refusal([], 'USD')).toMatchObject({ code: 'ModuleNotInStudy' });
    expect(refusal(['/uds.csv'], 'USD')).toMatchObject({
      code: 'ModuleNotInStudy',
      parameters: { module: 'USD', nearest: 'UDS' },
    });
  });
});

describe('a module that a record names', () => {
  it('is found whatever its case and the blanks around it', () => {
    expect(moduleNamed(study(two), ' uds ')).toBe('UDS');
    expect(moduleNamed(study(two), '')).toBeNull();
  });
});
