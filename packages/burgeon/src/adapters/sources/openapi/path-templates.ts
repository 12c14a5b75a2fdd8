/** A path of a description, taken apart. */
export interface PathTemplate {
  /** Template without query and fragment; always begins with `/`. */
  path: string;
  /** Names between braces in the path, in order, each once. */
  variables: string[];
  /** Fixed query parameters. */
  query: [name: string, value: string][];
  /** Query parameters written as `?name={variable}`. */
  queryVariables: { name: string; variable: string }[];
  /** What was not as the specification wants it. */
  odd?: string;
}

/** Names between braces in a text, each once. */
export const variablesOf = (text: string): string[] => [
  ...new Set(Array.from(text.matchAll(/\{([^{}/]+)\}/g), (match) => match[1]!)),
];

/** `:name` segments become `{name}` when a parameter of that name is declared and the path has no braces. */
const fromColons = (path: string, declared: ReadonlySet<string>): string =>
  path.includes('{')
    ? path
    : path.replace(/(?<=\/):(\w+)(?=\/|$)/g, (segment, name: string) => (declared.has(name) ? `{${name}}` : segment));

/** Takes a path key apart: `/pets?type=dog#top` has a fixed query and a fragment that never reaches the wire. */
export const readTemplate = (key: string, declared: ReadonlySet<string>): PathTemplate => {
  const odd: string[] = [];
  let rest = key.trim();
  const hash = rest.indexOf('#');
  if (hash !== -1 && !/\{[^}]*#/.test(rest)) {
    odd.push('a fragment, which is not sent');
    rest = rest.slice(0, hash);
  }
  const mark = /\?(?![^{]*\})/.exec(rest)?.index ?? -1;
  const queryText = mark === -1 ? '' : rest.slice(mark + 1);
  if (mark !== -1) {
    odd.push('a query');
    rest = rest.slice(0, mark);
  }
  const path = fromColons(rest, declared);
  if (path !== rest) odd.push('colon variables');
  if (!path.startsWith('/')) odd.push('no slash at the beginning');
  const query: PathTemplate['query'] = [];
  const queryVariables: PathTemplate['queryVariables'] = [];
  for (const [name, value] of new URLSearchParams(queryText)) {
    const variable = /^\{([^{}]+)\}$/.exec(value)?.[1];
    if (variable === undefined) query.push([name, value]);
    else queryVariables.push({ name, variable });
  }
  const template: PathTemplate = {
    path: path.startsWith('/') ? path : `/${path}`,
    variables: variablesOf(path),
    query,
    queryVariables,
  };
  return odd.length === 0 ? template : { ...template, odd: odd.join(' and ') };
};
