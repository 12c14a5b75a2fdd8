import type { Finding, Neighbours } from './finding.ts';
import { namedModules } from './names.ts';
import { type SyntaxNode, nodeIn, nodesIn } from './syntax.ts';

/** Syntax that no module may hold, with the rule it breaks. */
const refused: Record<string, readonly [rule: string, message: string]> = {
  ImportExpression: ['BP-04', 'A module may not import while it runs.'],
  WithStatement: ['policy-syntax', '"with" hides what a name stands for.'],
  DebuggerStatement: ['policy-syntax', 'A module may not stop in a debugger.'],
  Decorator: ['policy-syntax', 'Decorators are not erased with the types; write the call out.'],
  JSXElement: ['policy-syntax', 'A module has no JSX.'],
  JSXFragment: ['policy-syntax', 'A module has no JSX.'],
  TSEnumDeclaration: ['policy-syntax', 'Enums are not erased with the types; use an object.'],
  TSModuleDeclaration: ['policy-syntax', 'Namespaces are not erased with the types; use a file.'],
  TSParameterProperty: ['policy-syntax', 'Parameter properties are not erased with the types; write the field.'],
  TSImportEqualsDeclaration: ['BP-03', '"import x = ..." is an older way to require.'],
  TSExportAssignment: ['policy-syntax', '"export =" is not for modules.'],
};

/** Judges imports, exports and syntax that is refused wherever it stands. */
export const judgeModuleSyntax = (node: SyntaxNode, neighbours: Neighbours): Finding[] => {
  const found: Finding[] = [];
  const deny = (rule: string, message: string, at: SyntaxNode = node): unknown =>
    found.push({ rule, severity: 'error', message, offset: at.start });
  const entry = Object.hasOwn(refused, node.type) ? refused[node.type] : undefined;
  if (entry) deny(...entry);
  if (node.type === 'MetaProperty' && nodeIn(node, 'meta')?.['name'] === 'import')
    deny('BP-07', '"import.meta" tells where the code lies; a module may not know.');
  if (node.type === 'ImportDeclaration' || node.type === 'ExportNamedDeclaration' || node.type === 'ExportAllDeclaration') {
    const source = nodeIn(node, 'source');
    if (source) judgeSpecifier(String(source['value']), neighbours, (rule, message) => deny(rule, message, source));
    if (node['phase'] !== null && node['phase'] !== undefined) deny('policy-import', 'Only plain imports are allowed.');
    if (exportsThen(node)) deny('policy-export', 'An export called "then" would make the module itself a promise.');
  }
  return found;
};

const specifierForm = /^burgeon:[a-z][\w.-]*(?:\/[\w.-]+){0,4}$/;

const judgeSpecifier = (specifier: string, neighbours: Neighbours, deny: (rule: string, message: string) => unknown): void => {
  if (specifierForm.test(specifier) && !specifier.includes('..')) return;
  if (specifier.startsWith('./') && neighbours.has(specifier)) return;
  const name = specifier.replace(/^node:/, '');
  deny(namedModules.get(name) ?? 'policy-import', `"${specifier}" is not something a module may import.`);
};

const exportsThen = (node: SyntaxNode): boolean => {
  const declaration = nodeIn(node, 'declaration');
  const declared = declaration
    ? [declaration, ...nodesIn(declaration, 'declarations')].map((each) => nodeIn(each, 'id')?.['name'])
    : [];
  const listed = nodesIn(node, 'specifiers').map((each) => nodeIn(each, 'exported'));
  const all = nodeIn(node, 'exported');
  return [...declared, ...[...listed, all].map((each) => each?.['name'] ?? each?.['value'])].includes('then');
};
