export * from './catalogue-checks.ts';
export * from './manual-clock.ts';
export * from './hostile-text.ts';
