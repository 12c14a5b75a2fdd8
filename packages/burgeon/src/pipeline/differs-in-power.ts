import { defaultLimits, type Limits, type ModuleManifest } from '@burgeon/kit';
import { capabilitiesDigest } from '../security/capabilities.ts';

/** True when a version may do other things than the one before: other capabilities, code where data was, another host, or any higher limit. */
export const differsInPower = (before: ModuleManifest, after: ModuleManifest): boolean => {
  const [had, has]: [Limits, Limits] = [
    { ...defaultLimits, ...before.limits },
    { ...defaultLimits, ...after.limits },
  ];
  const names = Object.keys(defaultLimits) as (keyof Limits)[];
  return (
    capabilitiesDigest(before.capabilities) !== capabilitiesDigest(after.capabilities) ||
    before.kind !== after.kind ||
    before.host !== after.host ||
    names.some((name) => has[name] > had[name])
  );
};
