/**
 * A bug is a broken assumption of ours: neither a finding nor a fault. It has no code, because
 * nobody outside can act on it; at the boundary it becomes an unknown error with an incident id.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (condition) return;
  const bug = new Error(message);
  bug.name = 'Bug';
  throw bug;
}
