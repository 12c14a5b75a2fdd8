import { defineTarget, type Target } from '@burgeon/kit';
import { standaloneFiles } from './standalone.ts';
import { stubFiles } from './stub.ts';

/**
 * TypeScript for every operation and type. `stub`: functions that call into the runtime, beside `types.ts`; `standalone`: a package
 * without dependencies.
 */
export const typescript: Target = defineTarget({
  name: 'typescript',
  write: (description, options) =>
    options.form === 'stub' ? Promise.resolve(stubFiles(description, options)) : standaloneFiles(description, options),
});
