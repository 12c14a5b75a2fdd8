import type { JsonSchema, JsonValue, Location } from '@burgeon/kit';

/** How one operation looks over HTTP. This is `operation.bindings.http`: plain JSON, shared by sources, targets and the protocol. */
export interface HttpBinding {
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

/** Serialisation styles of OpenAPI 3.2 plus the `collectionFormat` leftovers of 2.0 (`tsv`). @see https://spec.openapis.org/oas/v3.2.0#style-values */
export type HttpStyle =
  'matrix' | 'label' | 'simple' | 'form' | 'cookie' | 'spaceDelimited' | 'pipeDelimited' | 'tabDelimited' | 'deepObject';

/** One parameter: where input property `property` goes. */
export interface HttpParameter {
  /** Name on the wire. */
  name: string;
  /** Property of the operation's input. */
  property: string;
  in: 'path' | 'query' | 'header' | 'cookie' | 'querystring';
  style: HttpStyle;
  explode: boolean;
  required?: boolean;
  allowReserved?: boolean;
  allowEmptyValue?: boolean;
  /** Set when the value is serialised as a media type (`content` instead of `schema`). */
  mediaType?: string;
}

/** The payload of a request. */
export interface HttpBody {
  /** Property of the operation's input that holds it. */
  property: string;
  required: boolean;
  /** At least one, best first. */
  contents: HttpContent[];
  /** Input property that chooses among several contents; absent when there is one. */
  mediaTypeProperty?: string;
}

/** One media type of a body or response. */
export interface HttpContent {
  /** Lower case, as written in the source, parameters kept: `application/json; charset=utf-8`, `text/*`. */
  mediaType: string;
  schema: JsonSchema;
  /** Schema of one item for sequential media types (`text/event-stream`, `application/jsonl`, ...). */
  itemSchema?: JsonSchema;
  /** Per-property serialisation of form bodies. */
  encoding?: Record<string, HttpEncoding>;
  examples?: { name: string; value: JsonValue }[];
}

/** How one property of a form or multipart body is written. */
export interface HttpEncoding {
  contentType?: string;
  style?: HttpStyle;
  explode?: boolean;
  allowReserved?: boolean;
  headers?: Record<string, JsonSchema>;
}

/** One documented response. */
export interface HttpResponse {
  /** `200`, `2XX` (upper case), or `default`. */
  status: string;
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
