import type { JsonSchema, SchemaObject } from '@burgeon/kit';

const prefix = '#/types/';

/** Members that judge the same value as the schema around them: a circle of these alone never ends. */
const partsOf = (schema: SchemaObject): { replace(by: JsonSchema): void; schema: JsonSchema }[] => {
  const found: { replace(by: JsonSchema): void; schema: JsonSchema }[] = [];
  for (const key of ['allOf', 'anyOf', 'oneOf'] as const) {
    schema[key]?.forEach((part, index, all) => found.push({ schema: part, replace: (by) => (all[index] = by) }));
  }
  for (const key of ['not', 'if', 'then', 'else'] as const) {
    const part = schema[key];
    if (part !== undefined) found.push({ schema: part, replace: (by) => (schema[key] = by) });
  }
  return found;
};

/** One step from a type to another that judges the same value. */
interface Edge {
  to: string;
  cut(): void;
}

const edgesOf = (root: JsonSchema, cutRoot: () => void): Edge[] => {
  const edges: Edge[] = [];
  const stack: { schema: JsonSchema; cut(): void }[] = [{ schema: root, cut: cutRoot }];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { schema, cut } = at;
    if (typeof schema === 'boolean') continue;
    if (schema.$ref?.startsWith(prefix)) edges.push({ to: schema.$ref.slice(prefix.length), cut });
    for (const part of partsOf(schema)) stack.push({ schema: part.schema, cut: () => part.replace(true) });
  }
  return edges;
};

/** Cuts each circle of types that are made of themselves without anything between (`A: allOf: [A]`), where validation would never end. */
export const breakLoops = (types: Record<string, JsonSchema>, report: (name: string) => void): void => {
  const state = new Map<string, 'open' | 'done'>();
  const enter = (name: string): { name: string; edges: Edge[]; next: number } => {
    state.set(name, 'open');
    const type = types[name];
    const cut = (): void => {
      const schema = types[name];
      if (typeof schema === 'object') delete schema.$ref;
    };
    return { name, edges: type === undefined ? [] : edgesOf(type, cut), next: 0 };
  };
  for (const start of Object.keys(types)) {
    if (state.has(start)) continue;
    const stack = [enter(start)];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const edge = top.edges[top.next++];
      if (edge === undefined) {
        state.set(top.name, 'done');
        stack.pop();
      } else if (state.get(edge.to) === 'open') {
        edge.cut();
        report(top.name);
      } else if (!state.has(edge.to)) stack.push(enter(edge.to));
    }
  }
};
