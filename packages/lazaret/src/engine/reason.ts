import { fillTemplate, type Catalogue, type Fault } from '@lazaret/faults';
import type { Reason } from '../store/tables.ts';

/** A fault as it is stored and shown: nothing in it that may identify a patient. */
export function reasonOf(catalogue: Catalogue, fault: Fault): Reason {
  const entry = catalogue.entryOf(fault);
  const incident = fault.parameters['incident'];
  return {
    code: fault.code,
    id: fault.id,
    message: fillTemplate(entry.message, entry.parameters, fault.parameters, 'operator'),
    action: fillTemplate(entry.action, entry.parameters, fault.parameters, 'operator'),
    ...(typeof incident === 'string' ? { incident } : {}),
  };
}
