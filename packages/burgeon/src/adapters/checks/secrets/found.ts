/** Something in a text that looks like a secret. It stays in this folder: what is told of it is its kind, its place and its length. */
export interface FoundSecret {
  /** Code of the finding. */
  code: 'secret-token' | 'secret-private-key' | 'secret-password' | 'secret-value';
  /** What it is, as a part of a sentence: `a GitHub token`. */
  what: string;
  /** 0-based code unit in the text that was looked through. */
  offset: number;
  value: string;
}
