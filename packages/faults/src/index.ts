export * from './entry.ts';
export * from './place.ts';
export * from './finding.ts';
export * from './fault.ts';
export * from './codes.ts';
