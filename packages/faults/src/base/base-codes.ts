import { gates } from '../gate/codes.ts';
import { fileSystem } from './file-system.ts';
import { general } from './general.ts';
import { http } from './http.ts';
import { network } from './network.ts';
import { store } from './store.ts';

/** The faults that any part may meet (`GEN-`), and those of the gates (`GATE-`). */
export const BASE_CODES = {
  ...general.entries,
  ...fileSystem.entries,
  ...network.entries,
  ...http.entries,
  ...store.entries,
  ...gates.entries,
} as const;
