import { Buffer } from 'node:buffer';
import { BurgeonError } from '@burgeon/kit';

/** How much of a document a reading may take. */
export interface DocumentBudget {
  /** Bytes of UTF-8. */
  bytes: number;
  /** Nesting depth. */
  depth: number;
  /** Values in the document after aliases are expanded. */
  nodes: number;
}

/** What the first characters promise: bracketed text (JSON and its kin) or lines by indentation. */
export type DocumentShape = 'bracketed' | 'indented';

const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const doubleQuote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;

/** A sentence for a budget that was exceeded. */
export const tooComplex = (what: string, limit: number): BurgeonError =>
  new BurgeonError('SPEC_TOO_COMPLEX', {
    message: `The document has more than ${limit} ${what}.`,
    hint: 'Split the document, or raise the budget if you trust where it comes from.',
    data: { what, limit },
  });

/**
 * Weighs a text in one pass before any parser sees it, so that no parser can be made to work for long or to overflow.
 * @throws {BurgeonError} SPEC_TOO_COMPLEX when it has too many bytes, values or levels
 */
export const guardText = (text: string, budget: DocumentBudget): DocumentShape => {
  // UTF-8 takes at most three bytes for each UTF-16 unit, so most texts need no count.
  if (text.length * 3 > budget.bytes && Buffer.byteLength(text) > budget.bytes) throw tooComplex('bytes', budget.bytes);
  const first = /[^\s\uFEFF]/.exec(text)?.[0];
  if (first === '{' || first === '[') {
    guardBrackets(text, budget);
    return 'bracketed';
  }
  guardLines(text, budget);
  return 'indented';
};

const guardBrackets = (text: string, budget: DocumentBudget): void => {
  let depth = 0;
  let nodes = 1;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === doubleQuote) {
      index = closingQuote(text, index);
    } else if (code === openBrace || code === openBracket) {
      nodes++;
      if (++depth > budget.depth) throw tooComplex('levels of nesting', budget.depth);
    } else if (code === closeBrace || code === closeBracket) {
      if (depth > 0) depth--;
    } else if (code === comma && ++nodes > budget.nodes) {
      throw tooComplex('values', budget.nodes);
    }
  }
};

/** Index of the quote that closes the one at `index`, or of the end of the text. */
const closingQuote = (text: string, index: number): number => {
  let end = text.indexOf('"', index + 1);
  while (end !== -1) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
};

/** One line cannot nest deeper than its openers: dashes at its head and brackets that stay open. */
const guardLines = (text: string, budget: DocumentBudget): void => {
  let open = 0;
  let dashes = 0;
  let head = true;
  let lines = 1;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x0a) {
      open = 0;
      dashes = 0;
      head = true;
      if (++lines > budget.nodes) throw tooComplex('lines', budget.nodes);
    } else if (code === openBrace || code === openBracket) {
      head = false;
      if (++open > budget.depth) throw tooComplex('levels of nesting', budget.depth);
    } else if (code === closeBrace || code === closeBracket) {
      if (open > 0) open--;
    } else if (head && (code === 0x2d || code === 0x3f || code === 0x3a)) {
      // Three dashes start a document, four make a ruler of text: only dashes that stand apart nest.
      if (text.charCodeAt(index + 1) <= 0x20 && ++dashes > budget.depth) throw tooComplex('levels of nesting', budget.depth);
    } else if (code > 0x20) {
      head = false;
    }
  }
};

/**
 * Weighs a value that may share parts with itself (aliases): counts what it would be as a tree, without walking the tree.
 * @throws {BurgeonError} SPEC_TOO_COMPLEX when the tree is too large or too deep, SOURCE_INVALID when a part holds itself
 */
export const guardValue = (root: unknown, budget: DocumentBudget): void => {
  const sizes = new Map<object, number>();
  const inside = new Set<object>();
  const stack: { value: object; parts: unknown[]; next: number; size: number }[] = [];
  const enter = (value: object): void => {
    if (inside.has(value)) {
      throw new BurgeonError('SOURCE_INVALID', {
        message: 'A part of the document holds itself through an alias.',
        hint: 'Remove the alias.',
      });
    }
    inside.add(value);
    stack.push({ value, parts: Array.isArray(value) ? value : Object.values(value), next: 0, size: 1 });
    if (stack.length > budget.depth) throw tooComplex('levels of nesting', budget.depth);
  };
  if (typeof root === 'object' && root !== null) enter(root);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    if (top.next === top.parts.length) {
      stack.pop();
      inside.delete(top.value);
      sizes.set(top.value, top.size);
      const parent = stack.at(-1);
      if (parent) parent.size += top.size;
      if ((parent?.size ?? top.size) > budget.nodes) throw tooComplex('values', budget.nodes);
      continue;
    }
    const part = top.parts[top.next++];
    if (typeof part !== 'object' || part === null) top.size++;
    else {
      const known = sizes.get(part);
      if (known === undefined) enter(part);
      else top.size += known;
    }
    if (top.size > budget.nodes) throw tooComplex('values', budget.nodes);
  }
};
