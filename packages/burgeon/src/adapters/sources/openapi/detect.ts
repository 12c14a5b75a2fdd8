import type { SourceInput } from '@burgeon/kit';

/** How far the telling key may be from the beginning: some put it last, after everything else. */
const headLength = 4_096;
const tailLength = 2_048;

/**
 * How sure it is that the text is an OpenAPI description: looks for the version key at the beginning and the end of the text without
 * parsing it. Another description language under the same roof (AsyncAPI, Arazzo, an overlay) is certainly not one.
 */
export const detectOpenapi = (input: SourceInput): number => {
  if (input.kind !== 'document' || input.text === undefined) return 0;
  const head = input.text.slice(0, headLength);
  if (/^\s*</.test(head)) return 0;
  if (/^\s*(?:\{\s*)?["']?(?:asyncapi|arazzo|overlay|openrpc|\$schema)["']?\s*:/m.test(head) && !versionKey.test(head)) return 0;
  if (versionKey.test(head)) return 1;
  const tail = input.text.length > headLength ? input.text.slice(-tailLength) : '';
  if (versionKey.test(tail)) return 0.95;
  const parts = ['paths', 'components', 'definitions', 'webhooks', 'info', 'basePath', 'securityDefinitions', 'servers'];
  const found = parts.filter((part) => new RegExp(`(?:^|[{,\\s])["']?${part}["']?\\s*:`, 'm').test(head));
  if (found.includes('paths') && found.length > 1) return 0.7;
  // A key in the middle of a big document: worth one search for the words, nothing more.
  if (/["']?(?:openapi|swagger)["']?\s*:\s*["']?[23]\.\d/.test(input.text.slice(0, 1_000_000)))
    return found.length > 0 ? 0.9 : 0.6;
  return found.includes('paths') ? 0.5 : 0;
};

/** The key at the top of an object in JSON, or at the beginning of a line in YAML. */
const versionKey =
  /(?:^\uFEFF?|[{,]\s*)["']?(?:openapi|swagger)["']?\s*:\s*["']?v?[23](?:\.|["'\s,}]|$)|^["']?(?:openapi|swagger)["']?\s*:\s*["']?v?[23]/m;
