import type { JsonSchema, JsonValue, Operation } from '@burgeon/kit';

/**
 * The input of the next page when a result names an address instead of a position: the address's query, laid over the input where the
 * operation has a property of that name. Nothing else of the address is followed, so that it can lead nowhere new.
 */
export const inputOfAddress = (
  address: string,
  operation: Pick<Operation, 'input'> | undefined,
  input: Record<string, unknown>,
): Record<string, unknown> => {
  const properties = operation?.input.properties ?? {};
  const next = { ...input };
  for (const [name, text] of URL.parse(address)?.searchParams ?? []) {
    if (Object.hasOwn(properties, name)) next[name] = typed(text, properties[name]);
  }
  return next;
};

const typed = (text: string, schema: JsonSchema | undefined): JsonValue => {
  const type = typeof schema === 'object' ? schema.type : undefined;
  const names = typeof type === 'string' ? [type] : (type ?? []);
  const numeric = names.includes('integer') || names.includes('number');
  if (numeric && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  return names.includes('boolean') && (text === 'true' || text === 'false') ? text === 'true' : text;
};
