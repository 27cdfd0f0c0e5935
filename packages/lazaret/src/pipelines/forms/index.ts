/** The pipeline of forms: files of records in, sound records out, alerts before people. */
import { lotStage, type Pipeline } from '../../engine/pipeline.ts';
import { alertCodes } from './alerts/codes.ts';
import { formsCodes } from './codes.ts';
import { configure, type FormsConfiguration } from './configure.ts';
import { reportOf } from './documents/run-report.ts';
import { writeDocuments } from './documents/write-documents.ts';
import { fileSource } from './source.ts';
import { judgingCodes } from './judging/codes.ts';
import { judge } from './stages/judge.ts';
import { read } from './stages/read.ts';
import { studyCodes } from './study/codes.ts';
import { makeTools, type FormsTools } from './tools.ts';

export const pipeline: Pipeline<FormsConfiguration, FormsTools> = {
  name: 'forms',
  module: new URL(import.meta.url),
  codes: {
    ...formsCodes.entries,
    ...judgingCodes.entries,
    ...studyCodes.entries,
    ...alertCodes.entries,
  },
  stages: [lotStage('read', read), lotStage('judge', judge, { recut: true })],
  migrations: { owner: 'forms', folder: new URL('./sql/', import.meta.url) },
  configure,
  recipe: ({ study, collection }) => ({ study, collection }),
  open: (_, location) => fileSource(location),
  tools: makeTools,
  conclude: async (context) => {
    await writeDocuments(context);
  },
  reportOf,
};
