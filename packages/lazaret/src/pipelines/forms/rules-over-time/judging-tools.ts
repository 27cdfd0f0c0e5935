import type { Services } from '../../../engine/pipeline.ts';
import type { FormsConfiguration } from '../configure.ts';
import { CHECKS } from '../study.ts';
import { makeTools, type FormsTools } from '../tools.ts';

/** The tools of a run with all checks, whichever it had: here its rules are asked about. */
export function judgingTools(configuration: FormsConfiguration, services: Services): FormsTools {
  const { study } = configuration;
  return makeTools({ ...configuration, study: { ...study, checks: [...CHECKS] } }, services);
}
