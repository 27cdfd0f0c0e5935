/**
 * Faults that speak about a service, its address or our access to it, and never about the items of
 * the batch that met them. The batch goes back to where it was and the run is interrupted: every
 * other batch would meet the same, and none of them is set aside for it. Whoever mends it resumes
 * the run.
 */
const OF_ENDPOINTS: ReadonlySet<string> = new Set([
  'DependencyPausedTooLong',
  'CredentialUnusable',
  'CredentialRefused',
  'AnswerRedirects',
  'AnswerNotHttp',
  'TlsFailed',
]);

/** Whether the fault is about a service as a whole. */
export function isOfEndpoint({ code }: { readonly code: string }): boolean {
  return OF_ENDPOINTS.has(code);
}
