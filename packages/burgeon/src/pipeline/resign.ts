import type { Store } from '@burgeon/kit';
import { resignPolicy } from '../approval/policy.ts';
import type { Home } from '../base/home.ts';
import type { Registry } from '../registry/registry.ts';
import { resignHead } from '../security/audit.ts';
import type { Resigning } from '../security/key-ring.ts';

/** Everything that stands under the owner's key: every release, the end of the record, the policy. */
export const resigningOf = ({ home, store, registry }: { home: Home; store: Store; registry: Registry }): Resigning => ({
  writes: async (to, from) => [...(await registry.resign(to)), ...(await resignHead(store, to, from))],
  files: (to, from) => resignPolicy(home, to, from),
});
