import { basename } from 'node:path';
import type { Interface, SourceInput } from '@burgeon/kit';
import { kebabOf } from '../interface/naming.ts';
import { checkInterface, normaliseInterface } from '../interface/normalise.ts';

/** What the person said beside what to read. */
export interface Wishes {
  /** Short name instead of the interface's own. */
  name?: string;
  /** Base address instead of the interface's own. */
  location?: string;
}

/** What a source read, under the wished name and address, in its one normal form, with what is unsound about it among its diagnostics. */
export const finish = (read: Interface, input: Pick<SourceInput, 'kind' | 'location'>, wishes: Wishes): Interface => {
  const normal = normaliseInterface({
    ...read,
    source: { ...read.source, location: portable(input, read) },
    ...(wishes.name === undefined ? {} : { name: kebabOf(wishes.name.split('/').at(-1) ?? wishes.name) }),
    ...(wishes.location === undefined ? {} : { locations: [{ url: wishes.location }] }),
  });
  return { ...normal, diagnostics: [...normal.diagnostics, ...checkInterface(normal)] };
};

/** Where it was found, without the folders of this machine: the same file gives the same module everywhere. Live things keep their redacted address. */
const portable = (input: Pick<SourceInput, 'kind' | 'location'>, read: Interface): string => {
  if (input.kind === 'connection' || /^https?:/.test(input.location)) return read.source.location;
  return basename(input.location);
};
