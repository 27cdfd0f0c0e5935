import { describe, expect, it } from 'vitest';
import { BASE_CODES } from '../base/base-codes.ts';
import { createCatalogue } from '../catalogue.ts';
import { sampleCodes } from '../testing/sample-codes.ts';
import { explain } from './explain.ts';
import { guide } from './guide.ts';
import { renderOutcome } from './operation-outcome.ts';
import { placeText } from './place.ts';
import { renderProblem } from './problem.ts';
import { renderQcError } from './qc-error.ts';
import { renderText } from './text.ts';

const catalogue = createCatalogue(BASE_CODES, sampleCodes.entries);
const tooLong = catalogue.entryOf({ code: 'SampleTooLong' });
const unlikely = catalogue.entryOf({ code: 'SampleUnlikely' });
const parameters = { limit: 10, length: 12, table: 'visit', value: 'DOE^JANE' };
const place = { line: 215, record: 214, column: 'PTID' };

describe('renderText', () => {
  it('says where, what and what to do, with the code', () => {
    expect(renderText(tooLong, parameters, place)).toBe(
      'Row 214 (line 215), PTID: must have at most 10 characters, has 12. Shorten it in the file and send the file again. (SMP-001)',
    );
  });

  it('says nothing of a place that is not known', () => {
    expect(renderText(tooLong, parameters)).toMatch(/^must have/);
  });
});

describe('placeText', () => {
  it.each([
    [{ item: 7, tag: '(0010,0010)' }, 'Item 7, (0010,0010)'],
    [{ line: 3 }, 'Line 3'],
    [{ record: 2 }, 'Row 2'],
    [{ record: 2, line: 3, column: 'ptid' }, 'Row 2 (line 3), ptid'],
    [{ record: 2, line: 1, pointer: '/1/ptid', offset: 40 }, 'Record 2, /1/ptid, byte 40'],
    [{ column: 'ptid' }, 'ptid'],
    [{ pointer: '/a/0', offset: 12 }, '/a/0, byte 12'],
    [{ column: 'a\nb' }, String.raw`a\nb`],
    [{}, ''],
  ])('says %o as %s', (where, text) => {
    expect(placeText(where)).toBe(text);
  });
});

describe('renderProblem', () => {
  it('has the members of RFC 9457 and ours, with public parameters alone', () => {
    const options = { docs: 'https://example.org/codes', instance: 'urn:uuid:1' };
    expect(renderProblem(tooLong, parameters, place, options)).toEqual({
      type: 'https://example.org/codes/SMP-001',
      title: 'Too long',
      status: 422,
      detail: 'must have at most 10 characters, has 12.',
      instance: 'urn:uuid:1',
      code: 'SMP-001',
      name: 'SampleTooLong',
      action: 'Shorten it in the file and send the file again.',
      transient: false,
      parameters: { limit: 10, length: 12 },
      place,
    });
  });
});

describe('renderOutcome', () => {
  it('puts our coding first, the action into the text and FHIRPath into expression', () => {
    const standard = () => [{ system: 'http://example.org/standard', code: 'MSG' }];
    const issue = { entry: tooLong, parameters, place: { expression: 'Patient.name[0]' } };
    expect(renderOutcome([issue], { standard, reference: 'i_1' })).toEqual({
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'error',
          code: 'too-long',
          details: {
            coding: [
              { system: 'urn:lazaret:codes', code: 'SMP-001', display: 'Too long' },
              { system: 'http://example.org/standard', code: 'MSG' },
            ],
            text: 'must have at most 10 characters, has 12. Shorten it in the file and send the file again.',
          },
          diagnostics: 'Patient.name[0]. Reference i_1',
          expression: ['Patient.name[0]'],
        },
      ],
    });
  });

  it('has neither expression nor diagnostics where there is nothing to say', () => {
    const [issue] = renderOutcome([{ entry: tooLong, parameters }]).issue;
    expect(Object.keys(issue ?? {})).toEqual(['severity', 'code', 'details']);
  });

  it('says how many issues it does not show, and refuses to say nothing', () => {
    const many = renderOutcome(
      Array.from({ length: 1005 }, () => ({ entry: tooLong, parameters })),
    );
    expect(many.issue).toHaveLength(1001);
    expect(many.issue.at(-1)?.details.text).toBe('5 more issues are not shown.');
    expect(() => renderOutcome([])).toThrow('at least one');
  });
});

describe('renderQcError', () => {
  const context = { path: 'site-a/visits.csv', containerId: 'b_1', at: Date.UTC(2026, 0, 2) };

  it('has the keys of the QC document to the letter, for CSV', () => {
    const error = renderQcError(tooLong, parameters, place, {
      ...context,
      value: '110001234567',
      expected: 'at most 10 characters',
    });
    expect(error).toStrictEqual({
      type: 'error',
      code: 'SampleTooLong',
      location: { line: 215, column_name: 'PTID' },
      flywheel_path: 'site-a/visits.csv',
      container_id: 'b_1',
      value: '110001234567',
      expected: 'at most 10 characters',
      message: 'must have at most 10 characters, has 12.',
      timestamp: '2026-01-02T00:00:00.000Z',
    });
  });

  it('locates a key of JSON, and has empty texts for a check of the whole file', () => {
    expect(renderQcError(tooLong, parameters, { pointer: '/a/b' }, context)?.location).toEqual({
      key_path: '/a/b',
    });
    expect(renderQcError(tooLong, parameters, {}, context)).toMatchObject({
      location: '',
      value: '',
      expected: '',
    });
  });

  it('adds the keys of form checks only where they are given, and calls an alert so', () => {
    const form = { ...context, ptid: '110', visitNumber: '2', initial: 'AB' };
    expect(renderQcError(unlikely, { field: 'a', causes: [] }, {}, form)).toMatchObject({
      type: 'alert',
      ptid: '110',
      visit_number: '2',
      Initial: 'AB',
    });
  });

  it('leaves warnings out', () => {
    const warning = catalogue.entryOf({ code: 'SampleWarning' });
    expect(renderQcError(warning, {}, {}, context)).toBeNull();
  });
});

describe('explain', () => {
  it('says what it means, who acts, what to do and how it is let go', () => {
    const text = explain(unlikely);
    expect(text).toMatch(/^SMP-002 {2}Unlikely value\n/);
    expect(text).toContain('The value of weight is unlikely: differs from the last visit');
    expect(text).toContain('a person may let it go, with a reason');
    expect(text).not.toContain('SYNTHETIC');
  });
});

describe('guide', () => {
  const text = guide(catalogue);

  it('has one index row and one section for every entry', () => {
    for (const { id } of catalogue.entries) {
      expect(text.split(`\n## ${id}\n`)).toHaveLength(2);
      expect(text.split(`\n| [${id}](#${id.toLowerCase()}) |`)).toHaveLength(2);
    }
    expect(text.match(/^## /gm)).toHaveLength(catalogue.entries.length);
  });

  it('has runbook, retry, release, status and issue type, and no value of class phi', () => {
    const section = text.slice(text.indexOf('## SMP-001'), text.indexOf('## SMP-002'));
    for (const part of ['1. Check: Look at the row.', 'Retry', 'Release', '422', 'too-long']) {
      expect(section).toContain(part);
    }
    expect(text).not.toContain('SYNTHETIC');
  });

  it('shows text of the catalogue as text, not as markup', () => {
    const entry = { ...sampleCodes.entries.SampleWarning, title: 'a|b <i> [x](y) *z*' };
    const made = guide(createCatalogue({ A1: entry }));
    expect(made).toContain(String.raw`a\|b \<i\> \[x\](y) \*z\*`);
  });
});
