/** What is to be known of an endpoint and its models. */
export interface Settings {
  /** Without a slash at its end. */
  baseUrl: string;
  model: string;
  /** Tokens of prompt and answer together. */
  contextTokens: number;
  /** Absent where the endpoint has no embeddings. */
  embeddingModel?: string;
  /** How the request names the bound of the answer. */
  limitField: 'max_completion_tokens' | 'max_tokens';
}
