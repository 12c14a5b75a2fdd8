/** Choosing by Accept, and reading the Prefer header. */
import type { Variant } from '@burgeon/kit';
import { essence } from '../runtime/media-type.ts';

interface Range {
  type: string;
  quality: number;
}

/** Most members of a header that are looked at. */
const maxMembers = 64;

const rangesOf = (accept: string): Range[] =>
  accept
    .split(',', maxMembers)
    .map((member) => {
      const quality = /;\s*q\s*=\s*([01](?:\.\d{0,3})?)/i.exec(member)?.[1];
      return { type: essence(member), quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ type }) => type !== '');

/** The family of a type with a structured suffix: `application/problem+json` is JSON too. */
const family = (type: string): string => (type.endsWith('+json') ? 'application/json' : type);

/** How well a range fits a type: 4 the same, 3 of the same family, 2 by its first half, 1 any, 0 not. */
const fit = (range: string, type: string): number => {
  if (range === type || type === '*/*') return 4;
  if (range === '*/*' || range === '*') return 1;
  if (range.endsWith('/*') && type.startsWith(range.slice(0, -1))) return 2;
  if (type.endsWith('/*') && range.startsWith(type.slice(0, -1))) return 2;
  return family(range) === family(type) ? 3 : 0;
};

/**
 * The best of several media types for an Accept header, by index; among equals the one that is named more closely wins, then the first. -1 when none is wanted.
 * @see RFC 9110 section 12.5.1
 */
export const negotiate = (accept: string | undefined, types: readonly string[]): number => {
  if (accept === undefined || accept === '*/*' || accept.trim() === '') return types.length === 0 ? -1 : 0;
  const ranges = rangesOf(accept);
  let best = -1;
  let [bestQuality, bestFit] = [0, 0];
  for (const [index, mediaType] of types.entries()) {
    const type = essence(mediaType);
    let quality = 0;
    let closest = 0;
    for (const range of ranges) {
      const fits = fit(range.type, type);
      if (fits > closest) [closest, quality] = [fits, range.quality];
    }
    const better = quality > bestQuality || (quality === bestQuality && quality > 0 && closest > bestFit);
    if (better) [best, bestQuality, bestFit] = [index, quality, closest];
  }
  return best;
};

/** What a Prefer header asks of a mirror; undefined when nothing. @see RFC 7240 */
export const readPrefer = (header: string | string[] | undefined): Variant | undefined => {
  if (header === undefined) return undefined;
  const variant: Variant = {};
  for (const member of String(header).split(/[,;]/, maxMembers)) {
    const at = member.indexOf('=');
    const name = member
      .slice(0, at < 0 ? undefined : at)
      .trim()
      .toLowerCase();
    const value =
      at < 0
        ? ''
        : member
            .slice(at + 1)
            .trim()
            .replace(/^"(.*)"$/, '$1');
    if (name === 'code' && /^[1-5](\d\d|XX)$/i.test(value)) variant.code = value.toUpperCase();
    if (name === 'example' && value !== '') variant.example = value;
    if (name === 'dynamic') variant.dynamic = value !== 'false';
  }
  return Object.keys(variant).length === 0 ? undefined : variant;
};
