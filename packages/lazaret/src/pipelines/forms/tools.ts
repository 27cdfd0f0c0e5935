import type { Services } from '../../engine/pipeline.ts';
import type { ProjectKey } from '../../identity/keys.ts';
import type { Checker } from './checker.ts';
import type { FormsConfiguration } from './configure.ts';
import { orderModules } from './judging/requirement.ts';
import { compileModuleRules } from './module-rules.ts';
import { lookUpsOf } from './lookups/look-ups.ts';
import { compileSchema, type RecordSchema } from './schema/record-schema.ts';

/** What the stages work with, on whatever thread they are. */
export interface FormsTools {
  readonly configuration: FormsConfiguration;
  readonly schemas: ReadonlyMap<string, RecordSchema>;
  /** By module; a module without rules has none. */
  readonly checkers: ReadonlyMap<string, Checker>;
  /** Modules, each behind those that it requires. */
  readonly order: readonly string[];
  /** By module, the modules that it requires; one that requires none is not there. */
  readonly requirements: ReadonlyMap<string, readonly string[]>;
  /** Fields whose values are codes of drugs that rules look up, by module. */
  readonly drugFields: ReadonlyMap<string, readonly string[]>;
  readonly key: ProjectKey;
  readonly recipe: string;
}

export function makeTools(
  configuration: FormsConfiguration,
  { key, recipe }: Services,
): FormsTools {
  const { modules, keys, checks } = configuration.study;
  const schemas = new Map<string, RecordSchema>();
  const checkers = new Map<string, Checker>();
  const drugFields = new Map<string, readonly string[]>();
  for (const module of modules) {
    const schema = compileSchema(module);
    // The types of its columns are of use to every check.
    const isChecked = checks.includes('file-validator');
    schemas.set(module.name, isChecked ? schema : { ...schema, check: () => [] });
    if (!checks.includes('form-qc-checker')) continue;
    const drugs = lookUpsOf(module).filter(({ of }) => of === 'drug');
    if (drugs.length > 0)
      drugFields.set(module.name, [...new Set(drugs.map(({ field }) => field))]);
    const checker = compileModuleRules(module, keys);
    if (checker !== null) checkers.set(module.name, checker);
  }
  const ordered = orderModules(modules);
  if (!ordered.ok) throw new Error('Modules were taken although they cannot be ordered.');
  const requirements = new Map(
    modules.flatMap(({ name, requires = [] }) =>
      requires.length === 0 ? [] : [[name, requires] as const],
    ),
  );
  const { order } = ordered;
  return { configuration, schemas, checkers, order, requirements, drugFields, key, recipe };
}
