import type { Diagnostic } from './diagnostic.ts';
import type { JsonObject, JsonSchema, JsonValue } from './json.ts';

/**
 * The neutral, protocol-free description of something that can be called. Every source writes it and every target, check, mirror
 * and protocol reads it. It is plain JSON: it can be stored, hashed, compared and sent.
 */
export interface Interface {
  /** Version of this format. */
  format: 'burgeon.interface/1';
  /** Kebab-case short name; becomes the module's name unless the user gives another. */
  name: string;
  title?: string;
  /** The version the source gives itself, as it is written there; not a module version. */
  version: string;
  description?: string;
  source: SourceReference;
  /** Where the interface lives, best first. Empty when the source does not say. */
  locations: Location[];
  operations: Operation[];
  channels: Channel[];
  entities: Entity[];
  /** Named types; referenced as `{"$ref": "#/types/Name"}`. */
  types: Record<string, JsonSchema>;
  /** Named ways to authenticate; operations refer to them by key. */
  auth: Record<string, AuthScheme>;
  /** Where each node comes from: JSON pointer into this interface -> pointer into the source. The longest prefix wins. */
  origins: Record<string, string>;
  /** Everything that was lost, repaired or doubtful while reading. */
  diagnostics: Diagnostic[];
  /** Protocol-specific facts about the whole, keyed by protocol name. */
  bindings?: Record<string, JsonValue>;
}

/** What was read: which source read it, where it was found, and the sha-256 (hex) of its bytes. Never holds a credential. */
export interface SourceReference {
  kind: string;
  location: string;
  digest: string;
}

/** A base address. `{name}` parts of `url` are filled from `variables`. */
export interface Location {
  url: string;
  description?: string;
  /** True: a person chose this address, so its name may lead into a private network. No description can say so of itself. */
  chosen?: true;
  variables?: Record<string, { default: string; enum?: string[]; description?: string }>;
}

/** What calling an operation does to the other side. Only `read` is safe to repeat and to try unasked. */
export type Effect = 'read' | 'write' | 'delete';

/** One callable. */
export interface Operation {
  /** Camel-case identifier, unique in the interface, stable when the source only grows. */
  id: string;
  summary?: string;
  description?: string;
  deprecated?: boolean;
  tags?: string[];
  effect: Effect;
  /** True when repeating the same call changes nothing more (RFC 9110 section 9.2.2). */
  idempotent: boolean;
  /** Always `type: "object"`: one property per parameter; a payload is the property `body`. */
  input: SchemaObjectInput;
  /** The ordinary successful result; `{"type":"null"}` when there is none. */
  output: JsonSchema;
  /** Code of the ordinary result in its protocol's words, e.g. `"200"`. */
  outputCode?: string;
  /** Further successful results. */
  alternatives?: Result[];
  errors: Result[];
  /** Set when the result is a sequence that arrives item by item; `output` is then an array of `item`. */
  stream?: { item: JsonSchema };
  /** Alternatives (any one suffices); each maps an auth key to its scopes (all needed). Empty list: nothing is needed. */
  auth: Record<string, string[]>[];
  pagination?: Pagination;
  examples: Example[];
  /** How the operation looks in each protocol, keyed by protocol name. */
  bindings: Record<string, JsonValue>;
}

/** An object schema: what an operation takes. */
export type SchemaObjectInput = {
  type: 'object';
  properties: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean;
};

/** One result beside the ordinary one. `code` is the protocol's word for it: `"404"`, `"4XX"`, `"default"`, an SQLSTATE-like class. */
export interface Result {
  code: string;
  description?: string;
  schema: JsonSchema;
}

/** How to walk a long result. Property names point into the input, JSON pointers into the output. */
export interface Pagination {
  style: 'offset' | 'page' | 'cursor' | 'link';
  /** Input properties that steer the walk. */
  input: { limit?: string; position?: string };
  /** Where the items are (`""` = the output itself), and where the next position is, if the output says. */
  output: { items: string; next?: string; total?: string };
}

/** A worked example. At least one of `input`, `output` is there; `code` names an error result. */
export interface Example {
  name: string;
  input?: JsonObject;
  output?: JsonValue;
  code?: string;
}

/** A stream of messages. `in` = the interface sends to us; `out` = we send to it. */
export interface Channel {
  id: string;
  summary?: string;
  description?: string;
  direction: 'in' | 'out' | 'both';
  message: JsonSchema;
  /** What whoever receives a message answers to those who ask; absent where nobody is answered, or anything may be. */
  reply?: JsonSchema;
  auth: Record<string, string[]>[];
  bindings: Record<string, JsonValue>;
}

/** What an operation does to an entity. `replace` takes the whole record, `update` a part of it. */
export type EntityRole = 'list' | 'get' | 'create' | 'update' | 'replace' | 'delete';

/** A kind of stored record and the operations that reach it: what a mirror needs to remember what it was told. */
export interface Entity {
  name: string;
  /** Schema of one record, usually a `$ref` into `types`. */
  type: JsonSchema;
  /** Properties of the record that identify it; several for a composite key, empty when it has none. */
  key: string[];
  operations: Partial<Record<EntityRole, EntityOperation>>;
  /** Links to other entities. */
  relations?: { name: string; entity: string; from: string[]; to: string[]; many: boolean }[];
}

/** How one operation maps onto an entity. */
export interface EntityOperation {
  operation: string;
  /** Input property -> record property, for the parts of the key and for the parents' keys the record remembers. */
  key: Record<string, string>;
  /** Where the record (or the list of records) sits in the input, for writes: a JSON pointer, `"/body"`. */
  record?: string;
  /** Where the record or the list sits in the output: a JSON pointer, `""` = the output itself. */
  result?: string;
}

/** One way to authenticate, without any secret. */
export interface AuthScheme {
  kind: 'apiKey' | 'basic' | 'bearer' | 'oauth2' | 'openIdConnect' | 'mutualTls' | 'password' | 'other';
  description?: string;
  flows?: Record<
    string,
    {
      authorizationUrl?: string;
      tokenUrl?: string;
      refreshUrl?: string;
      deviceAuthorizationUrl?: string;
      scopes: Record<string, string>;
    }
  >;
  /** Discovery document of an identity provider. */
  discoveryUrl?: string;
  /** Where the credential goes, keyed by protocol name. */
  bindings: Record<string, JsonValue>;
}
