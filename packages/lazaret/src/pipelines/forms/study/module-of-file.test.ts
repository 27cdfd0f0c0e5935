import { describe, expect, it } from 'vitest';
import { studySchema, type Study } from '../study.ts';
import { moduleNamed, moduleOfFile } from './module-of-file.ts';

const study = (modules: readonly object[], settings: object = {}): Study =>
  studySchema.parse({ modules: modules.map((one) => ({ schema: {}, ...one })), ...settings });

const two = [
  { name: 'UDS', files: ['uds*.csv'] },
  { name: 'NP', files: ['*np*.csv'] },
];

describe('the module of a file', () => {
  it('is the one whose pattern fits its name', () => {
    expect(moduleOfFile({ study: study(two) }, '/np/uds1.csv', 1)).toEqual({
      kind: 'module',
      name: 'UDS',
    });
  });

  it('is the one that the person names, whatever the pattern says', () => {
    expect(moduleOfFile({ study: study(two), module: 'np' }, '/uds1.csv', 1)).toEqual({
      kind: 'module',
      name: 'NP',
    });
  });

  it('is said by a column where no pattern fits and the study names one', () => {
    const column = study(two, { moduleColumn: 'packet' });
    expect(moduleOfFile({ study: column }, '/all.csv', 1)).toEqual({
      kind: 'column',
      column: 'packet',
    });
  });

  it('is the only one of a study that has no patterns', () => {
    const only = study([{ name: 'UDS' }]);
    expect(moduleOfFile({ study: only }, '/x.csv', 1)).toEqual({ kind: 'module', name: 'UDS' });
  });

  it('is refused where there is none, or more than one, without its name', () => {
    const refusal = (path: string, module?: string): unknown => {
      try {
        return moduleOfFile({ study: study(two), module }, path, 3);
      } catch (error) {
        return error;
      }
    };
    expect(refusal('/Testperson.csv')).toMatchObject({
      code: 'FileOfNoModule',
      parameters: { number: 3, modules: ['UDS', 'NP'] },
    });
    expect(refusal('/uds-np.csv')).toMatchObject({ code: 'FileOfTwoModules' });
    expect(refusal('/uds.csv', 'USD')).toMatchObject({
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
