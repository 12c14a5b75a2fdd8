import { basename } from 'node:path';
import type { Interface, Location, SourceInput } from '@burgeon/kit';
import { kebabOf } from '../interface/naming.ts';
import { checkInterface, normaliseInterface } from '../interface/normalise.ts';

/** What the person said beside what to read. */
export interface Wishes {
  /** Short name instead of the interface's own. */
  name?: string;
  /** Base address instead of the interface's own. */
  location?: string;
  /** True: a person at this machine gave it, so its name may lead into a private network. */
  inPerson?: boolean;
}

/** Where it was read from; `inside` when a person named a place in a private network. */
type Found = Pick<SourceInput, 'kind' | 'location'> & { inside?: boolean };

/** What a source read, under the wished name and address, in its one normal form, with what is unsound about it among its diagnostics. */
export const finish = (read: Interface, input: Found, wishes: Wishes): Interface => {
  const normal = normaliseInterface({
    ...read,
    source: { ...read.source, location: portable(input, read) },
    ...(wishes.name === undefined ? {} : { name: kebabOf(wishes.name.split('/').at(-1) ?? wishes.name) }),
    locations: wishes.location === undefined ? read.locations.map(told(input)) : [given(wishes.location, wishes)],
  });
  return { ...normal, diagnostics: [...normal.diagnostics, ...checkInterface(normal)] };
};

const given = (url: string, { inPerson }: Wishes): Location => (inPerson === true ? { url, chosen: true } : { url });

/** A document says where its interface lives; that a person chose a place inside is only known of the server it was fetched from. */
const told =
  ({ location, inside }: Found) =>
  ({ chosen: _, ...said }: Location): Location => {
    const from = inside === true ? URL.parse(location)?.host : undefined;
    return from !== undefined && from === URL.parse(said.url)?.host ? { ...said, chosen: true } : said;
  };

/** Where it was found, without the folders of this machine: the same file gives the same module everywhere. Live things keep their redacted address. */
const portable = (input: Pick<SourceInput, 'kind' | 'location'>, read: Interface): string => {
  if (input.kind === 'connection' || /^https?:/.test(input.location)) return read.source.location;
  return basename(input.location);
};
