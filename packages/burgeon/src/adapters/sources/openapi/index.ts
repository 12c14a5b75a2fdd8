import { BurgeonError, type Interface, type Source, defineSource } from '@burgeon/kit';
import { readDocument } from '../../../base/document/read-document.ts';
import { isObject, sha256 } from '../../../base/json.ts';
import { detectOpenapi } from './detect.ts';
import { loadDocuments } from './documents.ts';
import { readInterface } from './read-interface.ts';

/** Reads Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2. @see https://spec.openapis.org/oas/v3.2.0 */
export const openapi: Source = defineSource({
  name: 'openapi',
  reads: 'document',
  detect: detectOpenapi,
  read: async (input, context): Promise<Interface> => {
    const text = input.text ?? '';
    const document = await readDocument(
      text,
      context.budget,
      input.mediaType === undefined ? {} : { mediaType: input.mediaType },
    );
    if (!isObject(document.value)) {
      const what = Array.isArray(document.value) ? 'a list' : document.value === null ? 'nothing' : `a ${typeof document.value}`;
      throw new BurgeonError('SOURCE_INVALID', {
        message: `The document holds ${what} where an OpenAPI description is an object (line 1, column 1).`,
        hint: 'Point at an OpenAPI description in JSON or YAML; it begins with "openapi" or "swagger".',
        data: { line: 1, column: 1, path: '' },
      });
    }
    const location = withoutCredentials(input.location);
    const others = await loadDocuments(document.value, location, context);
    const description = readInterface({ root: document.value, location, documents: others.documents });
    description.source.digest = sha256(text);
    description.diagnostics.unshift(...document.diagnostics.map((each) => ({ ...each, from: 'openapi' })), ...others.diagnostics);
    const positions = document.positionsOf(
      new Set(description.diagnostics.filter(({ position }) => !position).map(({ path }) => path)),
    );
    for (const diagnostic of description.diagnostics) {
      const position = diagnostic.position ?? positions.get(diagnostic.path);
      if (position !== undefined && diagnostic.path !== '') diagnostic.position = position;
    }
    return description;
  },
});

/** An address may carry a user, a password or a token; they stay here. */
const withoutCredentials = (location: string): string =>
  location
    .replace(/^([a-z][a-z\d+.-]*:\/\/)[^/@]*@/i, '$1')
    .replace(/([?&])[^=&#]*(?:token|key|secret|password|signature|auth)[^=&#]*=[^&#]*/gi, '$1')
    .replace(/\?&+/, '?')
    .replace(/[?&]+(?=#|$)/, '');
