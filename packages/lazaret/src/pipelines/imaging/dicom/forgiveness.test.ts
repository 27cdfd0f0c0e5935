import { describe, expect, it } from 'vitest';
import { FORGIVEN_KINDS } from './forgiven-kinds.ts';
import { findDoubts, VERDICTS } from './forgiveness.ts';

describe('forgiveness', () => {
  it('judges every kind that the walker forgives, and no other', () => {
    expect(Object.keys(VERDICTS).sort()).toEqual(Object.keys(FORGIVEN_KINDS).sort());
  });

  it.each(Object.entries(VERDICTS))('gives a sentence as the reason for %s', (_kind, verdict) => {
    expect(verdict.reason).toMatch(/^[A-Z].{20,}\.$/);
  });

  it('holds an image with a damaged VR and lets one without preamble pass', () => {
    const doubts = findDoubts([
      { kind: 'no-preamble', offset: 0 },
      { kind: 'unknown-vr', tag: '(0010,0010)', offset: 200 },
    ]);
    expect(doubts.map(({ kind }) => kind)).toEqual(['unknown-vr']);
  });
});
