import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BASE_CODES } from '../base/base-codes.ts';
import { general } from '../base/general.ts';
import { createCatalogue } from '../catalogue.ts';
import { hostileCharacter } from '../testing/hostile-text.ts';
import { sampleCodes } from '../testing/sample-codes.ts';
import { toFault } from '../to-fault.ts';
import { escapeJson } from './escape.ts';
import { renderJsonLine } from './json-line.ts';
import { eventOf, type LogEvent } from './log-event.ts';
import { createTimeFormat } from './log-time.ts';
import { renderOtel } from './otel.ts';
import { renderSyslog } from './syslog.ts';
import { createTabLine } from './tab-line.ts';

const catalogue = createCatalogue(BASE_CODES, sampleCodes.entries);
const tabLine = createTabLine('Europe/Berlin');

const EVENT: LogEvent = {
  time: Date.UTC(2026, 6, 1, 7, 33, 0, 5),
  level: 'warn',
  logger: 'forms.qc',
  message: 'Value of 12 characters for 10 in visit.',
  thread: 'worker-2',
  code: 'SampleTooLong',
  id: 'SMP-001',
  site: 'packages/lazaret/src/row.ts:10',
  commit: 'abc1234',
  run: 'r_8k2f',
  parameters: { limit: 10, table: 'a "b" \\ ]', list: ['x', 'y'], ratio: 0.5, yes: true },
  stack: ['at a (b.ts:1:1)', '… 3 frames below'],
};

describe('the line with tabs', () => {
  it('has time with offset, thread, level, logger and message', () => {
    const { time, level, logger, message, thread, id } = EVENT;
    expect(tabLine({ time, level, logger, message, thread: thread ?? '', id: id ?? '' })).toBe(
      '2026-07-01 09:33:00.005+02:00\t[worker-2]\tWARN \tforms.qc\t- Value of 12 characters for 10 in visit. (SMP-001)',
    );
  });

  it('loses nothing: what has no column follows as JSON', () => {
    const json = /\(SMP-001\) (\{.*\})$/.exec(tabLine(EVENT))?.[1] ?? '';
    const { code, site, commit, run, parameters, stack } = EVENT;
    expect(JSON.parse(json)).toEqual({ code, site, commit, run, parameters, stack });
  });
});

describe('every format', () => {
  const text = fc.string({ unit: 'binary' });
  const events: fc.Arbitrary<LogEvent> = fc.record(
    {
      time: fc.oneof(fc.double(), fc.integer({ min: 0, max: 4e12 })),
      level: fc.constantFrom('trace', 'debug', 'info', 'warn', 'error', 'fatal'),
      logger: text,
      message: text,
      thread: text,
      code: text,
      id: text,
      site: text,
      run: text,
      incident: text,
      parameters: fc.dictionary(text, fc.oneof(text, fc.double(), fc.array(text))),
      stack: fc.array(text),
    },
    { requiredKeys: ['time', 'level', 'logger', 'message'] },
  );

  it('is one line in which nothing acts, whatever the event says', () => {
    fc.assert(
      fc.property(events, (event) => {
        const line = tabLine(event);
        expect(line.split('\t')).toHaveLength(5);
        expect(hostileCharacter(line.replaceAll('\t', ''))).toBeNull();
        expect(hostileCharacter(renderJsonLine(event))).toBeNull();
        expect(hostileCharacter(renderSyslog(event))).toBeNull();
        expect(hostileCharacter(escapeJson(renderOtel(event)))).toBeNull();
      }),
    );
  });

  it('caps what is too long', () => {
    const parameters = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [`p${index}`, 'x'.repeat(5000)]),
    );
    const stack = Array.from({ length: 5000 }, () => 'x'.repeat(5000));
    const huge = { ...EVENT, message: 'x'.repeat(1e6), logger: 'x'.repeat(1e6), parameters, stack };
    for (const render of [tabLine, renderJsonLine, renderSyslog]) {
      expect(render(huge).length).toBeLessThan(250_000);
      expect(render(huge)).toContain('(+996000 characters)');
    }
  });
});

describe('the line of JSON', () => {
  it('gives the event back', () => {
    expect(JSON.parse(renderJsonLine(EVENT))).toEqual({
      ...EVENT,
      time: '2026-07-01T07:33:00.005Z',
    });
  });
});

describe('the message of RFC 5424', () => {
  it('has priority, id and escaped structured data', () => {
    expect(renderSyslog(EVENT, { host: 'h1', process: '12' })).toBe(
      '<132>1 2026-07-01T07:33:00.005Z h1 lazaret 12 SMP-001 ' +
        '[event@32473 logger="forms.qc" level="warn" thread="worker-2" code="SampleTooLong" ' +
        'site="packages/lazaret/src/row.ts:10" commit="abc1234" run="r_8k2f" ' +
        'frame="at a (b.ts:1:1)" frame="… 3 frames below"]' +
        String.raw`[parameters@32473 limit="10" table="a \"b\" \\ \]" list="x" list="y" ratio="0.5" yes="true"] ` +
        'Value of 12 characters for 10 in visit.',
    );
  });

  it('marks a text that is not ASCII, and leaves out what a header cannot hold', () => {
    const event: LogEvent = {
      time: 0,
      level: 'fatal',
      logger: 'a',
      message: 'Größe',
      id: 'ü X'.repeat(40),
    };
    expect(renderSyslog(event)).toMatch(/^<130>1 \S+ - lazaret - X{32} \[.*\] \ufeffGröße$/);
  });
});

describe('the record of OpenTelemetry', () => {
  it('has time in nanoseconds, severity and attributes by their conventional names', () => {
    const record = renderOtel(EVENT);
    expect(record).toMatchObject({
      timeUnixNano: '1782891180005000000',
      severityNumber: 13,
      severityText: 'WARN',
      body: { stringValue: EVENT.message },
    });
    const attributes = Object.fromEntries(record.attributes.map(({ key, value }) => [key, value]));
    expect(attributes).toMatchObject({
      'code.file.path': { stringValue: 'packages/lazaret/src/row.ts' },
      'code.line.number': { intValue: '10' },
      'lazaret.parameter.ratio': { doubleValue: 0.5 },
      'lazaret.parameter.yes': { boolValue: true },
      'lazaret.parameter.list': {
        arrayValue: { values: [{ stringValue: 'x' }, { stringValue: 'y' }] },
      },
      'exception.stacktrace': { stringValue: 'at a (b.ts:1:1)\n… 3 frames below' },
    });
  });
});

describe('the time of a line', () => {
  const berlin = createTimeFormat('Europe/Berlin');

  it.each([
    ['2026-03-29T00:59:59.999Z', '2026-03-29 01:59:59.999+01:00'],
    ['2026-03-29T01:00:00.000Z', '2026-03-29 03:00:00.000+02:00'],
    ['2026-10-25T00:30:00.000Z', '2026-10-25 02:30:00.000+02:00'],
    ['2026-10-25T01:30:00.000Z', '2026-10-25 02:30:00.000+01:00'],
    ['2026-12-31T23:00:00.000Z', '2027-01-01 00:00:00.000+01:00'],
  ])('is right across changes of clocks: %s is %s', (instant, wall) => {
    expect(berlin(Date.parse(instant))).toBe(wall);
  });

  it('has offsets west of Greenwich, of half hours and of none', () => {
    const at = Date.UTC(2026, 0, 1, 12);
    expect(createTimeFormat('America/St_Johns')(at)).toBe('2026-01-01 08:30:00.000-03:30');
    expect(createTimeFormat('Asia/Kathmandu')(at)).toBe('2026-01-01 17:45:00.000+05:45');
    expect(createTimeFormat('UTC')(at)).toBe('2026-01-01 12:00:00.000+00:00');
  });

  it('names the same instant, whenever and wherever', () => {
    const instants = fc.integer({ min: Date.UTC(1972, 0, 1), max: Date.UTC(2100, 0, 1) });
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe');
    fc.assert(
      fc.property(instants, zones, (instant, zone) => {
        expect(Date.parse(createTimeFormat(zone)(instant).replace(' ', 'T'))).toBe(instant);
      }),
    );
  });

  it('refuses a zone that is not known', () => {
    expect(() => createTimeFormat('Europe/Berlni')).toThrow('Time zone unknown (GEN-004)');
  });
});

describe('eventOf', () => {
  const context = { time: 0, logger: 'forms.qc', run: 'r_1' };

  it('warns of a finding with its catalogued parameters, without a stack and without phi', () => {
    const entry = catalogue.entryOf({ code: 'SampleTooLong' });
    const parameters = { limit: 10, length: 12, table: 'visit', value: 'DOE', extra: 'DOE' };
    const event = eventOf(entry, { parameters }, context);
    expect(event).toMatchObject({ level: 'warn', id: 'SMP-001', run: 'r_1' });
    expect(event.parameters).toEqual({
      limit: 10,
      length: 12,
      table: 'visit',
      value: '[withheld]',
    });
    expect(event).not.toHaveProperty('stack');
    expect(JSON.stringify(event)).not.toContain('DOE');
  });

  it('has site, incident and the stack of the cause for an unknown error, not its message', () => {
    const thrown = new TypeError('DOE^JANE');
    const fault = toFault(thrown, { newIncident: () => 'i_1' });
    const event = eventOf(catalogue.entryOf(fault), fault, context);
    expect(event).toMatchObject({ level: 'error', incident: 'i_1' });
    expect(event.site).toMatch(/log-formats\.test\.ts:\d+$/);
    expect(event.stack?.length).toBeGreaterThan(0);
    expect(JSON.stringify(event)).not.toContain('DOE');
  });

  it('says at which attempt it succeeded', () => {
    const fault = general.fault('TimedOut', { dependency: 'the archive', timeoutMs: 10 });
    const outcome = { kind: 'recovered', attempts: 2 } as const;
    const event = eventOf(catalogue.entryOf(fault), fault, context, { outcome });
    expect(event.level).toBe('warn');
    expect(event.message).toBe('the archive did not finish within 10 ms. Succeeded at attempt 2.');
  });
});
