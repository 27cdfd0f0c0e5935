import { describe, expect, it } from 'vitest';
import { catalogue } from '../../main.ts';
import type { AlertDryRun } from '../alert-decisions.ts';
import type { AlertDocument, ShownAlert, ShownGroup } from '../alerts.ts';
import { renderAlert } from './alert-card.ts';
import { renderAlertDryRun } from './alert-decision.ts';
import { renderAlertGroups, renderAlerts } from './alert-list.ts';
import type { ListContext } from './rows.ts';
import { createStyle } from './style.ts';

const contextOf = (width: number, filters: readonly string[] = []): ListContext => ({
  style: createStyle({ colour: false, unicode: true, width }),
  ...{ catalogue, filters, flags: '--data elsewhere', timeZone: 'UTC' },
  now: new Date('2026-07-04T10:00:00Z'),
});

const ALERT: ShownAlert = {
  ...{ alert: 'a_3f09c2b17e', version: '7c9e01ab', standing: 'raised-again', code: 'UDS-31' },
  ...{ rule: 'temporalrules[0]', module: 'UDS', field: 'height' },
  message: 'The height differs by more than 2 cm from the visit before.',
  ...{ item: 'r_8k2f3d/17', line: 214, record: 213, run: 'r_8k2f3d', decisions: 1 },
  since: '2026-07-01T10:00:00Z',
  judged: {
    ...{ clear: true, by: 'ana@example.org', at: '2026-06-01T10:00:00Z', reason: 'measured again' },
    decision: '61f54e29-db55-4e44-b298-8965b96d6f06',
  },
};
const GROUP: ShownGroup = {
  ...{ code: 'UDS-31', rule: 'temporalrules[0]', module: 'UDS', field: 'height' },
  ...{ message: ALERT.message, count: 1204, visits: 1200, version: '281989c9' },
  ...{ standings: { new: 1200, 'raised-again': 4 }, since: ALERT.since, example: ALERT },
};

const widthOf = (text: string): number =>
  Math.max(
    ...text
      .split('\n')
      .filter((line) => !line.includes('lazaret '))
      .map((line) => line.length),
  );

describe('alerts by rule', () => {
  it('say how many there are, how they stand, one of them, and what the rule says', () => {
    for (const width of [60, 80, 120]) {
      const extra = { each: false, total: 1204, skip: 0 };
      const text = renderAlertGroups([GROUP], extra, contextOf(width));
      expect(widthOf(text)).toBeLessThanOrEqual(width);
      expect(text).toContain('1,204 alerts of 1 rule, the oldest 3 days ago');
      expect(text).toContain('r_8k2f3d/17, line 214');
      expect(text.replaceAll(/\s+/g, ' ')).toContain('2 cm from the visit');
    }
  });

  it('propose commands that keep what was asked for', () => {
    const context = contextOf(80, ['--run r_8k2f3d', '--standing open']);
    const text = renderAlertGroups([GROUP], { each: false, total: 1204, skip: 0 }, context);
    expect(text).toContain('lazaret alerts show a_3f09c2b17e --data elsewhere');
    expect(text).toContain(
      'lazaret alerts clear --run r_8k2f3d --code UDS-31 --dry-run --data elsewhere',
    );
  });

  it('say why there is none', () => {
    const none = { each: false, total: 0, skip: 0 };
    expect(renderAlertGroups([], none, contextOf(80))).toContain('No alert is open');
    const asked = renderAlertGroups([], none, contextOf(80, ['--code X']));
    expect(asked).toContain('No alert fits --code X.');
  });
});

describe('alerts one by one', () => {
  it('stand under their rule, with the version that a decision asks for', () => {
    for (const width of [80, 120]) {
      const text = renderAlerts([ALERT], { each: true, total: 3, skip: 0 }, contextOf(width));
      expect(widthOf(text)).toBeLessThanOrEqual(width);
      expect(text).toMatch(/a_3f09c2b17e {2}raised again {2}r_8k2f3d\/17, line 214 .*7c9e01ab/);
      expect(text).toContain('1 of 3 are shown.');
      expect(text).toContain('lazaret alerts list --each --skip 1 --data elsewhere');
    }
  });

  it('cannot act on the terminal, whatever a rule says', () => {
    const evil = { ...ALERT, message: 'x\u001b[2Jy', code: '\u001b]0;z\u0007' };
    const text = renderAlerts([evil], { each: true, total: 1, skip: 0 }, contextOf(80));
    expect(text).not.toContain('\u001b');
  });
});

describe('one alert', () => {
  const document: AlertDocument = {
    ...ALERT,
    ...{ key: '3f09c2b17e', itemStands: 'held', definition: { swap: true }, ruleDigest: 'd' },
    others: ['a_1111111111'],
    neighbours: {
      standing: 'held',
      lookedAt: [
        { which: 'previous', module: 'UDS', item: 'r_8k2f3d/16' },
        { which: 'same', module: 'NP', item: null },
      ],
      lookedAtBy: [{ module: 'UDS', item: 'r_8k2f3d/18', standing: 'recalled' }],
    },
    provenance: [
      {
        ...{ what: 'raised-again', at: '2026-07-01T10:00:00Z', run: 'r_8k2f3d', times: 1 },
        item: 'r_8k2f3d/17',
        earlier: { by: 'ana@example.org', at: '2026-06-01T10:00:00Z', reason: 'measured again' },
      },
    ],
  };

  it('shows the old reason, what else is open, and how to judge what was seen', () => {
    for (const width of [80, 120]) {
      const text = renderAlert(document, contextOf(width));
      expect(widthOf(text)).toBeLessThanOrEqual(width);
      const flat = text.replaceAll(/\s+/g, ' ');
      expect(flat).toContain(
        'cleared before by ana@example.org, 2026-06-01 10:00Z: measured again',
      );
      expect(flat).toContain('1 other alert of it is open: a_1111111111');
      expect(flat).toContain('r_8k2f3d/16; when it changes, this visit is checked again');
      expect(flat).toContain('the same visit of NP there is none; when one comes, this visit');
      expect(flat).toContain('looked at by 1 visit: r_8k2f3d/18 of UDS (recalled); when this one');
      expect(flat).toContain('--reveal shows it, and the look is recorded');
      expect(text).toContain(
        'lazaret alerts clear a_3f09c2b17e --version 7c9e01ab --reason "…" --data elsewhere',
      );
    }
  });

  it('names no field where the rule is about the visit as a whole', () => {
    const rule = { ...document, code: 'ModuleMissing', rule: 'requires[VIS]', field: '' };
    const text = renderAlert(rule, contextOf(80));
    expect(text).toMatch(/rule +ModuleMissing: requires\[VIS\], form UDS/);
    const listed = renderAlerts([rule], { each: true, total: 1, skip: 0 }, contextOf(80));
    expect(listed).toMatch(/^ModuleMissing {3}form UDS: /);
  });

  it('shows the values that were asked for', () => {
    const values = [
      { visit: 'current', field: 'height', value: 150 },
      { visit: 'previous', field: 'height', value: null },
    ];
    const revealed = { subject: '1|17', visit: '2', values };
    const text = renderAlert({ ...document, revealed }, contextOf(80));
    expect(text).toMatch(/subject +1 \/ 17, visit 2/);
    expect(text).toMatch(/height, this visit +150\n +height, the visit before +blank/);
  });
});

describe('a preview', () => {
  it('says what would go on and what would not, and gives the command with its version', () => {
    const document: AlertDryRun = {
      ...{ dryRun: true, kind: 'clear', by: 'root', reason: null, alerts: 3, visits: 3 },
      ...{
        selection: { project: 'default' },
        rules: [{ ...GROUP, count: 3 }],
        goOn: ['r_8k2f3d/17'],
      },
      staying: { otherAlerts: 1, held: 0, delivered: 0, rejected: 1, other: 0 },
      ...{ version: '281989c9', asks: false, shown: [] },
    };
    const text = renderAlertDryRun(document, 'lazaret alerts clear --code UDS-31', contextOf(80));
    expect(widthOf(text)).toBeLessThanOrEqual(80);
    expect(text).toContain('3 alerts in 3 visits would be cleared.');
    expect(text).toContain('1 visit would go on: nothing holds it any more.');
    expect(text).toContain('1 visit would wait on: other alerts of it are open.');
    expect(text).toContain('1 visit was rejected for errors besides');
    expect(text).toContain(
      'lazaret alerts clear --code UDS-31 --reason "…" --user name@example.org --version 281989c9',
    );
  });
});
