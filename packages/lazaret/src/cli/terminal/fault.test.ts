import { BASE_CODES, createCatalogue, Fault, generalCodes } from '@lazaret/faults';
import { describe, expect, it } from 'vitest';
import { engineCodes } from '../../engine/codes.ts';
import { renderFault, renderUsageError } from './fault.ts';
import { createStyle } from './style.ts';

const catalogue = createCatalogue(BASE_CODES, engineCodes.entries);
const plain = (width = Infinity) => createStyle({ colour: false, unicode: true, width });

describe('a fault at the end of a command', () => {
  it('says what happened, what to do, where to read on and what to quote', () => {
    const fault = generalCodes.fault('UnknownError', {
      incident: 'i_7f3k',
      errorName: 'TypeError',
    });
    expect(renderFault(fault, catalogue, plain())).toBe(
      `✕ Something went wrong that Lazaret does not know. It is filed as incident i_7f3k.
  Give the incident number to whoever runs Lazaret.

  GEN-001   lazaret explain GEN-001
  incident i_7f3k   lazaret logs --incident i_7f3k
`,
    );
  });

  it('shows no stack, no cause and no message of another library', () => {
    const fault = generalCodes.fault(
      'UnknownError',
      { incident: 'i_7f3k', errorName: 'TypeError' },
      { cause: new Error('secret of a patient') },
    );
    expect(renderFault(fault, catalogue, plain())).not.toMatch(/secret|\.ts:|\n\s+at /);
  });

  it('takes one line for a mistake of whoever gave the command', () => {
    const fault = engineCodes.fault('RunNotFound', {
      run: 'r_x',
      nearest: 'The latest one is r_y.',
    });
    expect(renderFault(fault, catalogue, plain())).toBe(
      '✕ There is no run r_x in this store. The latest one is r_y. Take the name of a run from lazaret status. (ENG-030)\n',
    );
  });

  it('wraps at the edge of the terminal, below the text', () => {
    const fault = engineCodes.fault('RunNotFound', { run: 'r_x', nearest: '' });
    const lines = renderFault(fault, catalogue, plain(40)).trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
    for (const line of lines.slice(1)) expect(line).toMatch(/^ {2}\S/);
  });

  it('lets no parameter act, and shows a fault of another version by its title', () => {
    const hostile = engineCodes.fault('RunNotFound', { run: '\u001b[2J', nearest: '' });
    expect(renderFault(hostile, catalogue, plain())).toContain('\\u001b[2J');
    const unknown = new Fault({ code: 'New', id: 'NEW-001', title: 'A new \u001b one' }, {});
    expect(renderFault(unknown, catalogue, plain())).toBe('✕ A new \\u001b one (NEW-001)\n');
  });
});

describe('a wrong usage', () => {
  it('is one line, with the help to read', () => {
    expect(
      renderUsageError(
        "error: unknown option '--ot'\n(Did you mean --out?)",
        'run imaging',
        plain(),
      ),
    ).toBe("✕ Unknown option '--ot' (Did you mean --out?) See lazaret run imaging --help.\n");
    expect(renderUsageError('too many arguments', '', plain())).toBe(
      '✕ Too many arguments. See lazaret --help.\n',
    );
  });

  it('is red where there is colour', () => {
    const style = createStyle({ colour: true, unicode: false, width: 80 });
    expect(renderUsageError('x', '', style)).toMatch(/^\u001b\[31mx\u001b\[39m X\. See/);
  });
});
