import { parseDocument, isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Document, DocumentOptions, ParseOptions, SchemaOptions, Tags } from 'yaml';
import { asText, pointerPath } from '../json.ts';

/** What reading a YAML text gave. */
export interface YamlReading {
  /** May share parts with itself where the text uses aliases. */
  value: unknown;
  /** Faults the parser passed over, with their offset. */
  errors: { message: string; offset: number }[];
  warnings: { message: string; offset: number }[];
  offsetsOf(pointers: Iterable<string>): Map<string, number>;
}

type Options = ParseOptions & DocumentOptions & SchemaOptions;

/** Values that JSON does not have (dates, bytes, sets, ordered maps) stay what they are in the text. */
const withoutForeignTags = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === 'string' || !/timestamp|binary|omap|pairs|set$/.test(tag.tag));

/**
 * Reads YAML. Keys become strings, the first document of a stream is taken, of a doubled key the last value stays.
 * @see https://yaml.org/spec/1.2.2/
 */
export const readYaml = (text: string, version: '1.1' | '1.2'): YamlReading => {
  const options: Options = {
    version,
    merge: true,
    uniqueKeys: true,
    strict: false,
    logLevel: 'error',
    resolveKnownTags: false,
    prettyErrors: false,
    stringKeys: false,
    customTags: withoutForeignTags,
  };
  const document = parseDocument(text, options);
  const errors: YamlReading['errors'] = [];
  const warnings: YamlReading['warnings'] = [];
  for (const fault of document.errors) {
    const lenient = fault.code === 'DUPLICATE_KEY' || fault.code === 'MULTIPLE_DOCS' || fault.code === 'KEY_OVER_1024_CHARS';
    (lenient ? warnings : errors).push({ message: fault.message, offset: fault.pos[0] });
  }
  for (const fault of document.warnings) warnings.push({ message: fault.message, offset: fault.pos[0] });
  return {
    value: document.toJS({ maxAliasCount: -1 }),
    errors,
    warnings,
    offsetsOf: (pointers) => offsetsIn(document, pointers),
  };
};

const offsetsIn = (document: Document, pointers: Iterable<string>): Map<string, number> => {
  const found = new Map<string, number>();
  for (const pointer of pointers) {
    const offset = offsetOf(document, pointerPath(pointer));
    if (offset !== undefined) found.set(pointer, offset);
  }
  return found;
};

/** Offset of the key (in a map) or of the item that a path names. */
const offsetOf = (document: Document, path: readonly string[]): number | undefined => {
  let node: unknown = document.contents;
  let offset = isNode(node) ? node.range?.[0] : undefined;
  for (const token of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isSeq(node)) {
      node = node.items[Number(token)];
      offset = isNode(node) ? node.range?.[0] : undefined;
    } else if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && asText(key.value ?? key.source) === token);
      offset = isNode(pair?.key) ? pair.key.range?.[0] : undefined;
      node = pair?.value;
    } else return undefined;
  }
  return offset;
};
