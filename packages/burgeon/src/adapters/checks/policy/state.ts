import type { Finding } from './finding.ts';
import type { Scopes } from './scopes.ts';
import { type SyntaxNode, bare, nodeIn, nodesIn, patternTargets } from './syntax.ts';

const hint = 'Export "snapshot" and "restore", so that the host keeps the state, or keep it where it is needed.';

const warning = (node: SyntaxNode, message: string): Finding => ({
  rule: 'policy-state',
  severity: 'warning',
  message,
  hint,
  offset: node.start,
});

/**
 * Finds state that a module keeps for itself: variables at its top, and static members of its classes that are written later. It is lost
 * whenever the module is replaced, unless the module hands it over with `snapshot`.
 */
export const judgeState = (program: SyntaxNode, scopes: Scopes): Finding[] => {
  const body = nodesIn(program, 'body');
  if (body.some((statement) => exportedNames(statement).includes('snapshot'))) return [];
  return body.flatMap((statement) => {
    const declared = nodeIn(statement, 'declaration') ?? statement;
    if (declared.type === 'VariableDeclaration') return variables(declared);
    return declared.type === 'ClassDeclaration' ? statics(declared, scopes) : [];
  });
};

const variables = (declaration: SyntaxNode): Finding[] => {
  if (declaration['declare'] === true || (declaration['kind'] !== 'let' && declaration['kind'] !== 'var')) return [];
  return nodesIn(declaration, 'declarations')
    .flatMap((each) => patternTargets(nodeIn(each, 'id')))
    .map((id) => warning(id, `"${String(id['name'])}" is state of the module itself, lost when it is replaced.`));
};

/** `Counter.count += 1` for a class of the module, wherever it stands. */
const statics = (owner: SyntaxNode, scopes: Scopes): Finding[] => {
  const id = nodeIn(owner, 'id');
  const members = nodesIn(nodeIn(owner, 'body') ?? owner, 'body');
  const names = new Set(
    members
      .filter((each) => each.type === 'PropertyDefinition' && each['static'] === true)
      .map((each) => nodeIn(each, 'key')?.['name']),
  );
  // A class knows itself by a name of its own.
  const seen = id
    ? [scopes.root, scopes.opened(owner)].flatMap((scope) => scope?.bindings.get(id['name'] as string)?.uses ?? [])
    : [];
  return seen.flatMap((use) => {
    const member = scopes.around(use);
    if (member?.type !== 'MemberExpression' || member['computed'] === true) return [];
    const name = nodeIn(member, 'property')?.['name'];
    return names.has(name) && isWrittenHere(member, scopes)
      ? [warning(member, `The static "${String(name)}" is state of the module itself, lost when it is replaced.`)]
      : [];
  });
};

const isWrittenHere = (member: SyntaxNode, scopes: Scopes): boolean => {
  const outer = scopes.around(member);
  if (outer?.type === 'UpdateExpression') return true;
  return outer?.type === 'AssignmentExpression' && bare(nodeIn(outer, 'left') ?? outer) === member;
};

const exportedNames = (statement: SyntaxNode): unknown[] => {
  if (statement.type !== 'ExportNamedDeclaration') return [];
  const declaration = nodeIn(statement, 'declaration');
  const declared = declaration
    ? [declaration, ...nodesIn(declaration, 'declarations')].map((each) => nodeIn(each, 'id')?.['name'])
    : [];
  return [...declared, ...nodesIn(statement, 'specifiers').map((each) => nodeIn(each, 'exported')?.['name'])];
};
