import type { Services } from '../../engine/pipeline.ts';
import type { ProjectKey } from '../../identity/keys.ts';
<<<<<<< HEAD
import { profileOf, type Profile } from './dicom/profile.ts';
=======
import type { IdentitySettings } from '../../identity/settings.ts';
import type { SupportedOption } from './dicom/profile-options.ts';
>>>>>>> f41b42b (An identifier service over HTTP: settings, calls of web services, the map remembers answers)
import type { Policy } from './policy.ts';

/** What a run of this pipeline is configured with. */
export interface ImagingConfiguration {
  readonly policy: Policy;
  /** The folder that deliveries go to. */
  readonly out: string;
  /** Absent: the embedded service. */
  readonly identity?: IdentitySettings;
}

/** What the steps work with, on whatever thread they are. */
export interface ImagingTools {
  readonly policy: Policy;
  readonly out: string;
<<<<<<< HEAD
  readonly profile: Profile;
=======
  readonly identity: IdentitySettings;
  readonly options: ReadonlySet<SupportedOption>;
>>>>>>> f41b42b (An identifier service over HTTP: settings, calls of web services, the map remembers answers)
  readonly key: ProjectKey;
  readonly recipe: string;
}

export function makeTools(
  { policy, out, identity = { kind: 'embedded' } }: ImagingConfiguration,
  { key, recipe }: Services,
): ImagingTools {
<<<<<<< HEAD
  return { policy, out, profile: profileOf(new Set(policy.options)), key, recipe };
=======
  return { policy, out, identity, options: new Set(policy.options), key, recipe };
>>>>>>> f41b42b (An identifier service over HTTP: settings, calls of web services, the map remembers answers)
}
