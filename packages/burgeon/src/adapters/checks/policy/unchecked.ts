import type { Finding } from './finding.ts';
import { type SyntaxNode, nodeIn } from './syntax.ts';

/** A comment as the parser gives it. */
export interface Comment {
  value: string;
  start: number;
}

/** Places without types that are too many however long the code is, and how many are when most places are such. */
const flood = { whatever: 30, mostly: 10 } as const;

/** Words of TypeScript that stand for a type somebody thought of. */
const typed =
  /^TS(?:String|Number|Boolean|BigInt|Symbol|Unknown|Never|Void|Object|Undefined|Null)Keyword$|^TS(?:TypeReference|TypeLiteral|LiteralType)$/;

/** Watches for what would keep the compiler from judging: switching it off, changing what it knows of the world, or telling it nothing. */
export interface UncheckedWatch {
  /** Is shown every node of the tree, types and all. */
  see(node: SyntaxNode): void;
  /** What was found, after every node was seen. */
  findings(): Finding[];
}

/** Begins to watch one file. */
export const watchUnchecked = (comments: readonly Comment[]): UncheckedWatch => {
  const found = comments.flatMap(judgeComment);
  let [untyped, known, first] = [comments.filter(({ value }) => silenced.test(value)).length, 0, Infinity];
  return {
    see: (node) => {
      const { type } = node;
      if (!type.startsWith('TS')) return;
      if (type === 'TSModuleDeclaration') found.push(...judgeDeclaration(node));
      else if (type === 'TSImportEqualsDeclaration' || type === 'TSNamespaceExportDeclaration') found.push(oldStyle(node));
      else if (type === 'TSAnyKeyword') {
        untyped += 1;
        first = Math.min(first, node.start);
      } else if (typed.test(type)) known += 1;
    },
    findings: () => [...found, ...judgeCount(untyped, known, Number.isFinite(first) ? first : 0)],
  };
};

const refusal = (rule: string, offset: number, message: string, hint?: string): Finding => ({
  rule,
  severity: 'error',
  message,
  offset,
  ...(hint === undefined ? {} : { hint }),
});

const switchedOff = /^[\s/*]*@ts-nocheck\b/;
const silenced = /^[\s/*]*@ts-(?:ignore|expect-error)\b/;
const reference = /^\/\s*<(?:reference|amd-)/;

const judgeComment = ({ value, start }: Comment): Finding[] => {
  if (switchedOff.test(value))
    return [refusal('policy-unchecked', start, '"@ts-nocheck" would keep the code from being checked.')];
  if (reference.test(value))
    return [refusal('policy-unchecked', start, 'A reference would change what the code is checked against.')];
  if (!silenced.test(value)) return [];
  return [{ rule: 'policy-unchecked', severity: 'warning', message: 'A fault is hidden from the compiler here.', offset: start }];
};

const judgeDeclaration = (node: SyntaxNode): Finding[] => {
  const foreign = node['global'] === true || node['kind'] === 'global' || nodeIn(node, 'id')?.type === 'Literal';
  return foreign ? [refusal('policy-unchecked', node.start, 'A module may not declare what lies outside it.')] : [];
};

const oldStyle = (node: SyntaxNode): Finding => refusal('BP-03', node.start, 'This is an older way to require.');

const judgeCount = (untyped: number, known: number, offset: number): Finding[] => {
  const most = untyped > known;
  if (untyped < (most ? flood.mostly : flood.whatever)) return [];
  const message = `${untyped} places have no type, so that the compiler can judge nothing there.`;
  return [refusal('policy-unchecked', offset, message, 'Say what the values are; what nobody knows is "unknown".')];
};
