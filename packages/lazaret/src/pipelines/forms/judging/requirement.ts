/**
 * Dependence on visits of other modules: a module may require that the same visit of another one is
 * there and sound (delivered or in review). While it is not, the visit waits for it, as an alert:
 * nothing in the record itself is wrong, and a person may know why the other form will never come.
 *
 * - The missing form arrives later: the alert closes itself, and the visit goes on with a replay.
 * - The other form was rejected: its site mends it and sends it again, and the same happens.
 * - A person clears the alert, with a reason: the visit goes on without.
 * - The other form is recalled after both were delivered: so is this one.
 */
import type { BrokenRule } from '../checker.ts';
import type { FormModule } from '../study.ts';

export function missingModule(module: string): BrokenRule {
  return {
    type: 'alert',
    field: '',
    rule: `requires[${module}]`,
    digest: 'requires',
    code: 'ModuleMissing',
    text: `The form ${module} of this visit is not there, or is not sound.`,
    value: '',
    expected: module,
    reads: [],
  };
}

export type ModuleOrder =
  | {
      readonly ok: true;
      /** Names of modules, each behind those that it requires. */
      readonly order: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/** In which order the modules of a visit are judged, or why there is none. */
export function orderModules(modules: readonly FormModule[]): ModuleOrder {
  const byName = new Map(modules.map((module) => [module.name, module]));
  const problems = modules.flatMap(({ name, requires = [] }) =>
    requires
      .filter((other) => !byName.has(other))
      .map((other) => `${name} requires ${other}, which is no module of the study`),
  );
  const order = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (order.has(name)) return;
    if (path.includes(name)) {
      const circle = [...path.slice(path.indexOf(name)), name];
      problems.push(`modules require each other in a circle: ${circle.join(', ')}`);
      return;
    }
    for (const other of byName.get(name)?.requires ?? []) {
      if (byName.has(other)) visit(other, [...path, name]);
    }
    order.add(name);
  };
  for (const { name } of modules) visit(name, []);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, order: [...order] };
}
