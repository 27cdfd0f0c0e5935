/** The pipeline of forms: files of records in, sound records out, alerts before people. */
import { lotStage, type Pipeline } from '../../engine/pipeline.ts';
import { formsEntries } from './all-codes.ts';
import { configure, type FormsConfiguration } from './configure.ts';
import { deliveredColumns } from './delivery-file.ts';
import { reportOf } from './documents/run-report.ts';
import { writeDocuments } from './documents/write-documents.ts';
import { erasing } from './erasing.ts';
import { fileSource } from './source.ts';
import { isFormName } from './study/form-name.ts';
import { lookUpDependencies, lookUpRecipe } from './lookups/settings.ts';
import { judge } from './stages/judge.ts';
import { read } from './stages/read.ts';
import { groupsInCommon } from './subject-groups.ts';
import { makeTools, type FormsTools } from './tools.ts';

export const pipeline: Pipeline<FormsConfiguration, FormsTools> = {
  name: 'forms',
  module: new URL(import.meta.url),
  codes: formsEntries,
  stages: [
    lotStage('read', read),
    lotStage('judge', judge, { recut: true, inCommon: groupsInCommon }),
  ],
  migrations: { owner: 'forms', folder: new URL('./sql/', import.meta.url) },
  configure,
  dependencies: ({ lookUps }) => lookUpDependencies(lookUps),
  recipe: ({ study, collection, site, lookUps }) => {
    const lookedUp = lookUpRecipe(lookUps);
    const columns = deliveredColumns(study);
    return {
      ...{ study, collection },
      ...(columns === null ? {} : { columns }),
      ...(lookedUp === null ? {} : { lookedUp, site }),
    };
  },
  open: (configuration, location) => fileSource(configuration, location),
  watching: {
    arrivals: 'file',
    configurationOf: (configuration) => configuration,
    takes: isFormName,
  },
  tools: makeTools,
  conclude: async (context) => {
    // One process has a run at a time.
    await writeDocuments(context, `documents-${context.run.id}`);
  },
  reportOf,
  erasing,
};
