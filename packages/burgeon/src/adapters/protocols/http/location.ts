import { BurgeonError, type Interface } from '@burgeon/kit';
import { locationUrl, resolveLocation } from '../../../bindings/http/runtime/location.ts';

/** Where the interface's paths begin, and whether somebody chose that address (so that no operation goes elsewhere). */
export interface BaseAddress {
  url: string;
  chosen: boolean;
}

const isAbsolute = (url: string): boolean => /^https?:\/\//i.test(url);

/**
 * The address to connect to: the chosen one, else the interface's first location, resolved against where the description was read.
 * @throws {BurgeonError} USAGE when neither says where the interface lives
 */
export const baseAddress = (description: Interface, location: string | undefined): BaseAddress => {
  if (location !== undefined) {
    if (isAbsolute(location)) return { url: location, chosen: true };
    throw new BurgeonError('USAGE', {
      message: `"${location}" is not an http address.`,
      hint: 'Give a full address: --location https://api.example.com',
    });
  }
  const [first] = description.locations;
  const url = first && resolveLocation(locationUrl(first), description.source.location);
  if (url !== undefined && isAbsolute(url)) return { url, chosen: false };
  throw new BurgeonError('USAGE', {
    message: `The description of "${description.name}" does not say where the interface lives${first ? ` (only "${first.url}")` : ''}.`,
    hint: 'Say where it lives: --location https://api.example.com',
  });
};
