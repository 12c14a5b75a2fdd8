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

/** A base address; `{name}` parts of `url` are filled from `variables`. */
export interface WireLocation {
  url: string;
  variables?: Record<string, { default: string }>;
}

/** How one property of a form or multipart body is written. */
export interface WireEncoding {
  contentType?: string;
  style?: HttpStyle;
  explode?: boolean;
  allowReserved?: boolean;
  /** True when strings of this property are base64 text that stands for bytes. */
  bytes?: boolean;
}

/** How a value is written as XML. @see https://spec.openapis.org/oas/v3.2.0#xml-object */
export interface XmlShape {
  /** Name of the element or attribute when it is not the property's. */
  name?: string;
  prefix?: string;
  namespace?: string;
  attribute?: boolean;
  /** Lists only: an element stands around the items. */
  wrapped?: boolean;
  /** What the text of an element without children is. Default: text. */
  kind?: 'number' | 'boolean' | 'text';
  items?: XmlShape;
  properties?: Record<string, XmlShape>;
  additional?: XmlShape;
}

/** One media type of a body or response. */
export interface WireContent {
  /** Lower case, parameters kept: `application/json; charset=utf-8`, `text/*`. */
  mediaType: string;
  /** Per-property serialisation of form bodies. */
  encoding?: Record<string, WireEncoding>;
  /** True when the value is bytes although the media type does not say so. */
  bytes?: boolean;
  /** True when the media type is text and the value is none: it is read as JSON where it reads as JSON. */
  structured?: boolean;
  /** How a structured value is written, when the media type is XML. */
  xml?: XmlShape;
}

/** The payload of a request. */
export interface WireBody {
  /** Property of the input that holds it. */
  property: string;
  required: boolean;
  /** At least one, best first. */
  contents: WireContent[];
  /** Input property that chooses among several contents; absent when there is one. */
  mediaTypeProperty?: string;
}

/** One documented response: `200`, `2XX` (upper case) or `default`. */
export interface WireResponse {
  status: string;
  contents: WireContent[];
}

/** How one operation looks on the wire: what a client needs and no schemas. */
export interface WireBinding {
  /** Upper case. */
  method: string;
  /** Path template: `/pets/{petId}`. */
  path: string;
  /** Fixed query parameters, in order. */
  query?: [name: string, value: string][];
  /** Addresses of this operation alone. */
  locations?: WireLocation[];
  parameters: HttpParameter[];
  body?: WireBody;
  responses: WireResponse[];
}

/** How to walk a long result. Property names point into the input, JSON pointers into the output. */
export interface WirePagination {
  style: 'offset' | 'page' | 'cursor' | 'link';
  input: { limit?: string; position?: string };
  output: { items: string; next?: string; total?: string };
}

/** One operation as the client calls it. */
export interface HttpOperation {
  binding: WireBinding;
  /** Alternatives (any one suffices); each maps a scheme to its scopes (all needed). Empty: nothing is needed. */
  auth: Record<string, string[]>[];
  /** Only idempotent operations are tried again. */
  idempotent: boolean;
  pagination?: WirePagination;
  /** Set when the result arrives item by item. `event`: an item is a whole server-sent event `{event, data, id}`; `data`: its data. */
  stream?: { item: 'event' | 'data' };
}

/** Where the credential of one scheme goes. */
export interface HttpScheme {
  kind: string;
  /** `authorization`: into the Authorization header after the word `name`; else into the header, query parameter or cookie `name`. */
  place: 'header' | 'query' | 'cookie' | 'authorization';
  name: string;
}

/** A request for what fetches. `auth`: schemes with their scopes whose credentials it puts in; only where it said that it holds them. */
export type FetchInit = RequestInit & { auth?: Record<string, string[]> };

/** What fetches. The global `fetch` fits. */
export type Fetch = (url: string, init?: FetchInit) => Promise<Response>;

/** When and how long to try again. */
export interface RetryOptions {
  /** Tries in all. Default: 3. */
  attempts?: number;
  /** First delay, doubled each time, drawn between 0 and itself. Default: 250. */
  baseDelayMs?: number;
  /** Longest drawn delay. Default: 8,000. */
  maxDelayMs?: number;
  /** Time for all tries together, up to the first byte of a stream or the last of anything else. Default: 60,000. */
  totalMs?: number;
}

/** How bytes look in inputs and outputs: base64 text, or `Uint8Array` (inputs also `Blob`). */
export type BytesForm = 'base64' | 'binary';

/** What a client is made of. */
export interface ClientOptions {
  /** By operation id; or what gives them as they are asked for. */
  operations: Record<string, HttpOperation> | ((id: string) => HttpOperation | undefined);
  /** Address that the paths are appended to. */
  baseUrl: string;
  /** True: an operation that has addresses of its own goes there. Default: false, everything goes to `baseUrl`. */
  ownLocations?: boolean;
  fetch?: Fetch;
  /** Gives the credential of a scheme: the key or token, `user:password` for basic; undefined when there is none. */
  auth?: (scheme: string, scopes: string[]) => string | undefined | Promise<string | undefined>;
  /**
   * Says whether what fetches holds the credential of a scheme and puts it in by itself; `auth` is then not asked. An error says why nothing may go
   * without it.
   */
  holds?: (scheme: string) => Promise<boolean | Error>;
  schemes?: Record<string, HttpScheme>;
  retry?: RetryOptions;
  /** Default: `binary`. */
  bytes?: BytesForm;
  /** Sent with every request. */
  headers?: Record<string, string>;
  /** Waits; rejects with the signal's reason. */
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Gives a number in [0, 1). */
  random?: () => number;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** Options of one call. */
export interface CallSettings {
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

/** What a call gives. */
export interface HttpResult {
  status: number;
  /** Lower-case names; several values are joined by a comma, as the web does. */
  headers: Record<string, string>;
  /** The parsed body; `null` when there is none or when `stream` is there. */
  output: unknown;
  /** Items as they arrive. Must be drained or returned. */
  stream?: AsyncIterable<unknown>;
}

/** A client over a table of operations. */
export interface Client {
  /**
   * Calls one operation.
   * @throws {InputError} when a value is missing or cannot be written
   * @throws {AuthError} when it was refused for want of a credential
   * @throws {HttpError} when the answer is not a success
   * @throws {NetworkError} when there is no answer, or none in time
   * @throws {AnswerError} when the answer cannot be read
   */
  call(id: string, input?: Record<string, unknown>, settings?: CallSettings): Promise<HttpResult>;
  /** Walks the pages of an operation, one result each; ends when the other side says so or repeats itself. */
  pages(id: string, input?: Record<string, unknown>, settings?: CallSettings): AsyncGenerator<HttpResult, void, undefined>;
  /** Walks the items of all pages. */
  items(id: string, input?: Record<string, unknown>, settings?: CallSettings): AsyncGenerator<unknown, void, undefined>;
}
