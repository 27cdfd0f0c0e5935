import type { CopyRules, Services } from '../../engine/pipeline.ts';
import type { ProjectKey } from '../../identity/keys.ts';
import type { IdentitySettings } from '../../identity/settings.ts';
import type { Profile } from './dicom/profile.ts';
import { policyProfile, type Policy } from './policy.ts';

/** What a run of this pipeline is configured with. */
export interface ImagingConfiguration {
  readonly policy: Policy;
  /** The folder that deliveries go to. */
  readonly out: string;
  /** Whether copies of originals are kept; absent: as by default. */
  readonly copies?: CopyRules;
  /**
   * A watcher took it: a folder with all below it, or the files that lie directly in the watched
   * folder. Absent: a person named the folder.
   */
  readonly arrival?: 'folder' | 'files';
  /** Absent: the embedded service. */
  readonly identity?: IdentitySettings;
}

/** What the steps work with, on whatever thread they are. */
export interface ImagingTools {
  readonly policy: Policy;
  readonly out: string;
  readonly identity: IdentitySettings;
  readonly profile: Profile;
  readonly key: ProjectKey;
  readonly recipe: string;
}

export function makeTools(
  { policy, out, identity = { kind: 'embedded' } }: ImagingConfiguration,
  { key, recipe }: Services,
): ImagingTools {
  return { policy, out, identity, profile: policyProfile(policy), key, recipe };
}
