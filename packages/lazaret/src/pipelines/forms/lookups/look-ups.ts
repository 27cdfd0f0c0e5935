/** What the rules of a module look up outside, asked of the compiled rules themselves. */
import { compileRules } from '../rules/compile-rules.ts';
import type { LookUp } from '../rules/rule.ts';
import type { FormModule } from '../study.ts';

/** Rules that cannot be compiled look nothing up; whoever compiles them for use says why. */
export function lookUpsOf({
  rules,
  codes,
}: Pick<FormModule, 'rules' | 'codes'>): readonly LookUp[] {
  if (rules === undefined) return [];
  const compilation = compileRules(rules, codes === undefined ? {} : { codes });
  return compilation.ok ? compilation.rules.lookUps : [];
}
