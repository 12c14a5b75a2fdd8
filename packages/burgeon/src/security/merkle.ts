import { createHash } from 'node:crypto';

/** A hash of 32 bytes, as hex. */
type Hash = string;

/** A perfect subtree: `2 ** height` leaves under one hash. */
interface Peak {
  height: number;
  hash: Hash;
}

/** The shape of a growing tree: its perfect subtrees from left to right, enough to append and to tell its root. At most 53 of them. */
export type Frontier = readonly Peak[];

const hash = (prefix: number, ...parts: readonly Buffer[]): Hash =>
  parts.reduce((digest, part) => digest.update(part), createHash('sha256').update(Buffer.of(prefix))).digest('hex');

const leafHash = (leaf: Hash): Hash => hash(0, Buffer.from(leaf, 'hex'));

const nodeHash = (left: Hash, right: Hash): Hash => hash(1, Buffer.from(left, 'hex'), Buffer.from(right, 'hex'));

/** The root of a tree without leaves. */
const emptyRoot: Hash = createHash('sha256').digest('hex');

/** The frontier with one more leaf; a leaf is given as 32 bytes in hex. @see RFC 9162 section 2.1.1 */
export const appendLeaf = (frontier: Frontier, leaf: Hash): Frontier => {
  const peaks = [...frontier];
  let next: Peak = { height: 0, hash: leafHash(leaf) };
  for (let last = peaks.at(-1); last?.height === next.height; last = peaks.at(-1)) {
    peaks.pop();
    next = { height: next.height + 1, hash: nodeHash(last.hash, next.hash) };
  }
  return [...peaks, next];
};

/** The root over all leaves so far. @see RFC 9162 section 2.1.1 */
export const rootOf = (frontier: Frontier): Hash => {
  const [last, ...rest] = frontier.toReversed();
  return last === undefined ? emptyRoot : rest.reduce((right, { hash: left }) => nodeHash(left, right), last.hash);
};

/** How many leaves there are. */
export const sizeOf = (frontier: Frontier): number => frontier.reduce((size, { height }) => size + 2 ** height, 0);
