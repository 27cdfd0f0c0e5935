import type { Catalogue, Finding, Parameters } from '@lazaret/faults';

/** Splits a finding's parameters into what may be stored in the clear and what must be sealed. */
export function splitByPrivacy(
  catalogue: Catalogue,
  finding: Pick<Finding, 'code' | 'parameters'>,
): { readonly open: Parameters; readonly phi: Parameters | null } {
  const classes = catalogue.entryOf(finding).parameters;
  const open: Record<string, Parameters[string]> = {};
  const phi: Record<string, Parameters[string]> = {};
  for (const [name, value] of Object.entries(finding.parameters)) {
    // A parameter without a class is treated as the worst: the catalogue's own check names it.
    if (classes[name] === 'public' || classes[name] === 'internal') open[name] = value;
    else phi[name] = value;
  }
  return { open, phi: Object.keys(phi).length === 0 ? null : phi };
}
