import type { JsonSchema, JsonValue } from '../json.ts';

/** What a model can do. */
export interface ModelCapabilities {
  contextTokens: number;
  streaming: boolean;
  structured: boolean;
  embeddings: boolean;
}

/** One question to a model. */
export interface ModelRequest {
  prompt: string;
  /** Wanted shape of the answer, for providers that are `structured`. */
  schema?: JsonSchema;
  maxOutputTokens: number;
  signal?: AbortSignal;
}

/** One answer. */
export interface ModelAnswer {
  text: string;
  value?: JsonValue;
  usage: { inputTokens: number; outputTokens: number };
}

/** A source of language models. */
export interface ModelProvider {
  readonly name: string;
  capabilities(): ModelCapabilities;
  /** @throws {BurgeonError} REMOTE_ERROR, REMOTE_UNREACHABLE, TIMEOUT, SECRET_MISSING */
  generate(request: ModelRequest): Promise<ModelAnswer>;
  stream(request: ModelRequest): AsyncIterable<string>;
  embed?(texts: string[]): Promise<number[][]>;
}
