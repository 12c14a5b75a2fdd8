import { assignNames, identifierOf, reservedWords } from '../../../interface/naming.ts';
import { textMember } from './reading.ts';
import type { Endpoint } from './endpoints.ts';

/** Path parts that say nothing about what is reached. */
const empty = /^(api|apis|rest|v\d+([._]\d+)*|\d+([._]\d+)*)$/i;

const isVariable = (segment: string): boolean => segment.includes('{');

const isPlural = (word: string): boolean =>
  /[^su]s$/i.test(word) && !/(status|news|analysis|series|address|access|process|is)$/i.test(word);

/** Singular of a plural English noun; other words stay as they are. */
export const singularOf = (word: string): string => {
  if (/(ss|us|is|news|series)$/i.test(word)) return word;
  if (/ies$/i.test(word)) return word.replace(/ies$/i, 'y');
  if (/(sses|shes|ches|xes|zes)$/i.test(word)) return word.slice(0, -2);
  return /s$/i.test(word) ? word.slice(0, -1) : word;
};

const verbs: Record<string, string> = {
  PUT: 'replace',
  PATCH: 'update',
  DELETE: 'delete',
  POST: 'post',
  HEAD: 'check',
  OPTIONS: 'options',
  TRACE: 'trace',
  QUERY: 'query',
};

/**
 * A readable name from method and path alone: `GET /pets` is `listPets`, `GET /pets/{petId}` is `getPet`, `POST /pets` is `createPet`,
 * `GET /pets/{petId}/photos` is `listPetPhotos`.
 */
export const nameFromPath = (method: string, path: string): string => {
  const [clean = ''] = path.split(/[?#]/, 1);
  const segments = clean.split('/').filter((segment) => segment !== '');
  const telling = segments.filter((segment) => !empty.test(segment));
  const used = telling.length > 0 ? telling : segments;
  const last = used.at(-1);
  const words: string[] = [];
  used.forEach((segment, index) => {
    if (isVariable(segment)) {
      // A variable stands for one of the collection before it; only a leading or doubled one has a word of its own.
      if (index === 0 || isVariable(used[index - 1]!)) words.push(`by ${segment.replace(/[{}]/g, ' ')}`);
      return;
    }
    const next = used[index + 1];
    words.push(next !== undefined && isVariable(next) ? singularOf(segment) : segment);
  });
  const collection = last !== undefined && !isVariable(last) && isPlural(last);
  let verb = verbs[method] ?? method;
  if (method === 'GET') verb = collection ? 'list' : 'get';
  if (method === 'POST' && collection) {
    verb = 'create';
    words.push(singularOf(words.pop()!));
  }
  const fragment = /#(.+)$/.exec(path)?.[1] ?? '';
  return identifierOf([verb, ...words, fragment].join(' '));
};

/** Whether an operationId says something a name can be made of. */
const usable = (id: string | undefined): id is string => id !== undefined && /[A-Za-z]/.test(id) && id.length <= 200;

/**
 * Names of operations in the order of `endpoints`. An `operationId` gives the name; of doubles the first by path and method keeps it
 * and the others are named after their path. Neither order nor later growth changes a name.
 */
export const operationNames = (endpoints: readonly Endpoint[]): string[] => {
  const keyOf = ({ key, method }: Endpoint): string => `${key} ${method}`;
  const owners = new Map<string, string>();
  for (const endpoint of endpoints) {
    const id = textMember(endpoint.node, 'operationId');
    if (!usable(id)) continue;
    const name = identifierOf(id);
    const owner = owners.get(name);
    if (owner === undefined || keyOf(endpoint) < owner) owners.set(name, keyOf(endpoint));
  }
  const items = endpoints.map((endpoint) => {
    const id = textMember(endpoint.node, 'operationId');
    const own = usable(id) && owners.get(identifierOf(id)) === keyOf(endpoint);
    // Declared names go first, whatever the path: a derived name never takes one away.
    return own
      ? { key: `0 ${keyOf(endpoint)}`, wish: id }
      : { key: `1 ${keyOf(endpoint)}`, wish: nameFromPath(endpoint.method, endpoint.key) };
  });
  const names = assignNames(items, { style: 'camel', maxLength: 80, reserved: reservedWords });
  return items.map(({ key }) => names.get(key)!);
};
