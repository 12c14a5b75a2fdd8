import { BurgeonError, type AdapterList, type Source, type SourceInput } from '@burgeon/kit';
import { withoutSecrets } from './pointed.ts';

/**
 * The source to read an input with: the named one, else the one that is surest.
 * @throws {BurgeonError} ADAPTER_UNKNOWN, SOURCE_UNRECOGNISED
 */
export const recognise = async (list: AdapterList<Source>, input: SourceInput, as: string | undefined): Promise<Source> => {
  if (as !== undefined) {
    const source = Object.hasOwn(list, as) ? await list[as]?.() : undefined;
    if (source) return source;
    throw new BurgeonError('ADAPTER_UNKNOWN', {
      message: `There is no source "${as}".`,
      hint: `Sources: ${Object.keys(list).join(', ')}`,
    });
  }
  let best: { source: Source; score: number } | undefined;
  for (const load of Object.values(list)) {
    const source = await load();
    const score = source.detect(input);
    if (score > (best?.score ?? 0)) best = { source, score };
  }
  if (best) return best.source;
  throw unrecognised(input, Object.keys(list));
};

const unrecognised = (input: SourceInput, names: string[]): BurgeonError => {
  const start = (input.text ?? '').slice(0, 2_000).trimStart().slice(0, 200).toLowerCase();
  const page = start.startsWith('<!doctype html') || start.startsWith('<html');
  const what = page
    ? 'is a web page, not a description of an interface'
    : input.text?.trim() === ''
      ? 'is empty'
      : 'is nothing that a source recognises';
  return new BurgeonError('SOURCE_UNRECOGNISED', {
    message: `${withoutSecrets(input.location)} ${what}.`,
    hint: page
      ? 'Look on the page for a link to "openapi.json", "swagger.json" or "openapi.yaml" and point at that.'
      : `Sources: ${names.join(', ')}. Force one with --as NAME to see what it says.`,
  });
};
