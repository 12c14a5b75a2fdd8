import type { JsonSchema, JsonValue, Location } from '@burgeon/kit';
import type { HttpParameter, WireBinding, WireBody, WireContent, WireEncoding, WireResponse } from './runtime/types.ts';

export type { HttpParameter, HttpStyle } from './runtime/types.ts';

/** How one operation looks over HTTP. This is `operation.bindings.http`: plain JSON, shared by sources, targets and the protocol. */
export interface HttpBinding extends WireBinding {
  /** Upper case: `GET`, `POST`, `QUERY`, ... */
  method: string;
  /** Path template as the source writes it: `/pets/{petId}`. May carry a fixed query or fragment, which is kept apart in `query`. */
  path: string;
  /** Fixed query parameters of the path template, in order. */
  query?: [name: string, value: string][];
  /** Addresses of this operation alone; absent = the interface's locations. */
  locations?: Location[];
  parameters: HttpParameter[];
  body?: HttpBody;
  /** In the order of the source. */
  responses: HttpResponse[];
}

/** The payload of a request. */
export interface HttpBody extends WireBody {
  /** At least one, best first. */
  contents: HttpContent[];
}

/** One media type of a body or response. */
export interface HttpContent extends WireContent {
  schema: JsonSchema;
  /** Schema of one item for sequential media types (`text/event-stream`, `application/jsonl`, ...). */
  itemSchema?: JsonSchema;
  /** Per-property serialisation of form bodies. */
  encoding?: Record<string, HttpEncoding>;
  examples?: { name: string; value: JsonValue }[];
}

/** How one property of a form or multipart body is written. */
export interface HttpEncoding extends WireEncoding {
  headers?: Record<string, JsonSchema>;
}

/** One documented response. */
export interface HttpResponse extends WireResponse {
  description?: string;
  contents: HttpContent[];
  headers: Record<string, { schema: JsonSchema; required?: boolean }>;
}

/** How an auth scheme looks over HTTP: `auth[x].bindings.http`. */
export interface HttpAuthBinding {
  /** `apiKey`: put the value into a header, query parameter or cookie; `authorization`: into the Authorization header under `scheme`. */
  place: 'header' | 'query' | 'cookie' | 'authorization';
  /** Name of the header, parameter or cookie; for `authorization` the scheme word (`Bearer`, `Basic`, ...). */
  name: string;
}
