/** The identifier service that a project is configured with. */
import { createJsonService } from '../web-service/json-service.ts';
import type { Environment } from '../web-service/credential.ts';
import { dasherIdentityService } from './dasher/service.ts';
import { embeddedIdentityService } from './embedded.ts';
import type { IdentifierRules } from './identifier-rules.ts';
import type { IdentityMap } from './identity-map.ts';
import type { ProjectKey } from './project-key.ts';
import type { IdentifierKind, IdentityService } from './service.ts';
import { IDENTIFIER_SERVICE, type IdentitySettings } from './settings.ts';

export interface ServiceParts {
  readonly key: ProjectKey;
  readonly map: IdentityMap;
  readonly rules: IdentifierRules;
  /** Letters before the pseudonyms of the embedded service. */
  readonly prefixes: Readonly<Record<IdentifierKind, string>>;
  readonly env: Environment;
  /** Calls a dependency by its name, with its retries and behind its gate. */
  readonly call: <Result>(
    dependency: string,
    operation: (signal: AbortSignal) => Promise<Result>,
  ) => Promise<Result>;
}

/** Some hundred bytes a patient or accession are usual; a request has at most 1,200 of them. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export function openIdentityService(
  settings: IdentitySettings,
  { key, map, rules, prefixes, env, call }: ServiceParts,
): IdentityService {
  switch (settings.kind) {
    case 'embedded':
      return embeddedIdentityService({ key, map, rules, prefixes });
    case 'http': {
      const { url, scheme, tokenFile, tokenEnv, patientSource, accessionSource } = settings;
      const service = createJsonService({
        dependency: IDENTIFIER_SERVICE,
        url,
        credential: { scheme, tokenFile, tokenEnv },
        env,
        maxAnswerBytes: MAX_ANSWER_BYTES,
      });
      return dasherIdentityService({
        key,
        map,
        rules,
        sources: {
          patient: patientSource,
          accession: accessionSource,
          byIssuer: settings.issuerSources ?? {},
        },
        // The signal of the call is that of one attempt; it ends with the run's as well.
        ask: (body) => call(IDENTIFIER_SERVICE, (signal) => service.post(body, signal)),
      });
    }
  }
}
