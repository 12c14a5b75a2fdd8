import type { WireLocation } from './types.ts';

/** The address of a location, its variables filled with their defaults. */
export const locationUrl = ({ url, variables = {} }: WireLocation): string =>
  url.replace(/\{([^{}]*)\}/g, (whole, name: string) =>
    Object.hasOwn(variables, name) ? (variables[name]?.default ?? whole) : whole,
  );

/** Resolves an address that may be relative (`/v2`) against a base. Gives the address itself when there is no telling. */
export const resolveLocation = (url: string, base: string): string => {
  try {
    return new URL(url, base).href;
  } catch {
    return url;
  }
};
