import { BurgeonError, type Diagnostic, type SourceContext } from '@burgeon/kit';
import { readDocument } from '../../../base/document/read-document.ts';
import { isObject } from '../../../base/json.ts';
import { absoluteLocation } from './references.ts';

/** Documents a description refers to, by absolute location. */
export interface LoadedDocuments {
  documents: Map<string, unknown>;
  diagnostics: Diagnostic[];
}

/** A description in more parts than this is an attack or a mistake. */
const mostDocuments = 256;

/**
 * Loads the documents that references lead to, and theirs, through `context.document` alone: without it nothing is loaded, and this source
 * never reads a file or an address by itself. What is refused becomes a diagnostic; the reference is then treated as unknown.
 */
export const loadDocuments = async (
  root: Record<string, unknown>,
  location: string,
  context: SourceContext,
): Promise<LoadedDocuments> => {
  const loaded: LoadedDocuments = { documents: new Map(), diagnostics: [] };
  const { document, budget } = context;
  if (document === undefined) return loaded;
  const own = absoluteLocation('', location);
  const self = typeof root['$self'] === 'string' ? absoluteLocation(root['$self'], location) : own;
  const asked = new Set<string>([own, self]);
  let waiting = [...locationsIn(root, self)];
  let bytes = 0;
  while (waiting.length > 0) {
    const next: string[] = [];
    for (const each of waiting) {
      if (asked.has(each)) continue;
      asked.add(each);
      if (asked.size > mostDocuments)
        throw new BurgeonError('SPEC_TOO_COMPLEX', {
          message: `The description refers to more than ${mostDocuments} documents.`,
          hint: 'Bundle it into one document.',
        });
      try {
        const text = await document.call(context, each);
        bytes += text.length;
        const { value } = await readDocument(text, { ...budget, bytes: Math.max(0, budget.bytes - bytes + text.length) });
        loaded.documents.set(each, value);
        next.push(...locationsIn(value, each));
      } catch (fault) {
        const error = BurgeonError.from(fault);
        if (error.code === 'SPEC_TOO_COMPLEX') throw error;
        loaded.diagnostics.push({
          severity: 'warning',
          code: 'external-ref-refused',
          message: `${each}: ${error.message}`,
          path: '',
          from: 'openapi',
        });
      }
    }
    waiting = next;
  }
  return loaded;
};

/** Absolute locations of all other documents that references in `root` name. */
const locationsIn = (root: unknown, base: string): Set<string> => {
  const found = new Set<string>();
  const stack: unknown[] = [root];
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const reference = isObject(value) ? value['$ref'] : undefined;
    if (typeof reference === 'string' && !reference.startsWith('#')) found.add(absoluteLocation(reference, base));
    for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) stack.push(part);
  }
  return found;
};
