export * from './catalogue-checks.ts';
export * from './manual-clock.ts';
