import { type Finding, type Neighbours, nothing } from './finding.ts';
import { namedModules } from './names.ts';
import { type SyntaxNode, nodeIn, nodesIn, patternTargets } from './syntax.ts';

/** Syntax that no module may hold, with the rule it breaks. What is not erased with the types is only told: it does not load at all. */
const refused: Record<string, readonly [rule: string, message: string, severity?: Finding['severity']]> = {
  ImportExpression: ['BP-04', 'A module may not import while it runs.'],
  WithStatement: ['policy-syntax', '"with" hides what a name stands for.'],
  DebuggerStatement: ['policy-syntax', 'A module may not stop in a debugger.'],
  Decorator: ['policy-syntax', 'Decorators are not erased with the types; write the call out.', 'warning'],
  JSXElement: ['policy-syntax', 'A module has no JSX.'],
  JSXFragment: ['policy-syntax', 'A module has no JSX.'],
  TSEnumDeclaration: ['policy-syntax', 'Enums are not erased with the types; use an object.', 'warning'],
  TSModuleDeclaration: ['policy-syntax', 'Namespaces are not erased with the types; use a file.', 'warning'],
  TSParameterProperty: ['policy-syntax', 'Parameter properties are not erased with the types; write the field.', 'warning'],
  TSImportEqualsDeclaration: ['BP-03', '"import x = ..." is an older way to require.'],
  TSExportAssignment: ['policy-syntax', '"export =" is not for modules.'],
};

/** Judges imports, exports and syntax that is refused wherever it stands; `outer` is what stands around it. */
export const judgeModuleSyntax = (
  node: SyntaxNode,
  outer: SyntaxNode | undefined,
  neighbours: Neighbours,
): readonly Finding[] => {
  const { type } = node;
  if (Object.hasOwn(refused, type)) {
    const [rule, message, severity = 'error'] = refused[type] as (typeof refused)[string];
    return [{ rule, severity, message, offset: node.start }];
  }
  if (type === 'MetaProperty' && nodeIn(node, 'meta')?.['name'] === 'import')
    return [error('BP-07', node, '"import.meta" tells where the code lies; a module may not know.')];
  const moves = type === 'ImportDeclaration' || type === 'ExportNamedDeclaration' || type === 'ExportAllDeclaration';
  return moves ? judgeMove(node, outer, neighbours) : nothing;
};

const error = (rule: string, node: SyntaxNode, message: string, hint?: string): Finding => ({
  rule,
  severity: 'error',
  message,
  offset: node.start,
  ...(hint === undefined ? {} : { hint }),
});

/** Judges what comes into the module or leaves it. */
const judgeMove = (node: SyntaxNode, outer: SyntaxNode | undefined, neighbours: Neighbours): Finding[] => {
  const found: Finding[] = [];
  const source = nodeIn(node, 'source');
  if (outer?.type !== 'Program' && outer?.type !== 'TSModuleBlock')
    found.push(error('policy-syntax', node, 'Imports and exports stand at the top of a module.'));
  if (source) found.push(...judgeSource(node, source, neighbours));
  if (node['phase'] !== null && node['phase'] !== undefined)
    found.push(error('policy-import', node, 'Only plain imports are allowed.'));
  if (exportsThen(node))
    found.push(error('policy-export', node, 'An export called "then" would make the module itself a promise.'));
  return found;
};

const specifierForm = /^burgeon:[a-z][\w.-]*(?:\/[\w.-]+){0,4}$/;

const judgeSource = (node: SyntaxNode, source: SyntaxNode, neighbours: Neighbours): Finding[] => {
  const specifier = String(source['value']);
  if (specifierForm.test(specifier) && !specifier.includes('..')) return [];
  const relative = /^\.\.?\//.test(specifier);
  const attributed = nodesIn(node, 'attributes').length > 0;
  const found = attributed ? [error('policy-import', source, 'Only an import of power has attributes.')] : [];
  if (relative && neighbours.has(specifier)) return found;
  const rule = namedModules.get(specifier.replace(/^node:/, '')) ?? 'policy-import';
  const hint = relative ? 'Name a file of the module, with its ending: "./prices.ts".' : undefined;
  return [...found, error(rule, source, `"${specifier}" is not something a module may import.`, hint)];
};

const exportsThen = (node: SyntaxNode): boolean => {
  const declaration = nodeIn(node, 'declaration');
  const declared = declaration
    ? [declaration, ...nodesIn(declaration, 'declarations')].flatMap((each) => patternTargets(nodeIn(each, 'id')))
    : [];
  const listed = nodesIn(node, 'specifiers').map((each) => nodeIn(each, 'exported'));
  const all = nodeIn(node, 'exported');
  return [...declared, ...listed, all].some((each) => (each?.['name'] ?? each?.['value']) === 'then');
};
