import type { CallResult, JsonObject, JsonValue } from '@burgeon/kit';
import { walkPages } from '../bindings/http/runtime/pages.ts';
import type { HttpResult } from '../bindings/http/runtime/types.ts';
import { borrow, type Binding, type ImportedCallOptions } from './lease.ts';
import { inputOfAddress } from './next-page.ts';

/** What a stub imports from `burgeon:runtime`, bound to the module and version that the import resolved to. */
export interface BoundRuntime {
  call(module: string, operation: string, input: object, options?: ImportedCallOptions): Promise<JsonValue>;
  stream(module: string, operation: string, input: object, options?: ImportedCallOptions): AsyncGenerator<JsonValue>;
  pages(module: string, operation: string, input: object, options?: ImportedCallOptions): AsyncGenerator<JsonValue>;
}

/** Binds the runtime of one stub. The module that the stub names is not believed: it calls what it was resolved to and nothing else. */
export const bindModule = (binding: Binding): BoundRuntime => ({
  call: async (_module, operation, input, options = {}) => {
    const lease = await borrow(binding);
    try {
      const result = await lease.call(operation, input as JsonObject, options);
      return result.stream ? await Array.fromAsync(result.stream) : result.output;
    } finally {
      lease.release();
    }
  },
  stream: (_module, operation, input, options = {}) => streamOf(binding, { operation, input: input as JsonObject, options }),
  pages: (_module, operation, input, options = {}) => pagesOf(binding, { operation, input: input as JsonObject, options }),
});

interface Wanted {
  operation: string;
  input: JsonObject;
  options: ImportedCallOptions;
}

async function* streamOf(binding: Binding, { operation, input, options }: Wanted): AsyncGenerator<JsonValue> {
  const lease = await borrow(binding);
  try {
    const result = await lease.call(operation, input, options);
    if (result.stream) yield* result.stream;
    else if (Array.isArray(result.output)) yield* result.output;
    else yield result.output;
  } finally {
    lease.release();
  }
}

async function* pagesOf(binding: Binding, { operation, input, options }: Wanted): AsyncGenerator<JsonValue> {
  const lease = await borrow(binding);
  try {
    const description = await lease.describe();
    const described = description.operations.find(({ id }) => id === operation);
    const base = description.locations[0]?.url ?? '';
    const walk = walkPages(described?.pagination, input, async (wanted, follow) => {
      const address = follow?.(base);
      const next = address === undefined || address === base ? wanted : inputOfAddress(address, described, wanted);
      return pageOf(await lease.call(operation, next as JsonObject, options));
    });
    for await (const page of walk) yield page.output as JsonValue;
  } finally {
    lease.release();
  }
}

const pageOf = ({ output, attributes = {} }: CallResult): HttpResult => ({
  output,
  headers: attributes,
  status: Number(attributes['status'] ?? 200),
});
