import type { Source, SourceContext, SourceInput } from '../contracts/source.ts';
import { defaultBudget } from '../contracts/source.ts';
import { BurgeonError, type ErrorCode } from '../errors.ts';
import type { Interface } from '../interface.ts';
import type { SuiteRunner } from './check.suite.ts';

/** What {@link sourceSuite} needs. */
export interface SourceSuiteOptions {
  source: Source;
  /** Inputs the source reads. */
  own: readonly { name: string; input: SourceInput }[];
  /** Inputs that belong to other sources; this one must not claim them. */
  foreign: readonly { name: string; input: SourceInput }[];
  /** Inputs it cannot read, with the code of the error. */
  invalid: readonly { name: string; input: SourceInput; code: ErrorCode }[];
  /** Parts of the context that the source needs beside budget, clock, log and signal. */
  context?: Partial<SourceContext>;
}

const quiet = { debug: () => {}, info: () => {}, warn: () => {} };

const contextOf = (more: Partial<SourceContext> = {}): SourceContext => ({
  budget: defaultBudget,
  clock: { now: () => 0, sleep: async () => {} },
  log: quiet,
  signal: new AbortController().signal,
  ...more,
});

/** Every `#/types/Name` anywhere in a value. */
const referencesIn = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return [];
  const own = (value as { $ref?: unknown }).$ref;
  const found = typeof own === 'string' && own.startsWith('#/types/') ? [own.slice('#/types/'.length)] : [];
  return [...found, ...Object.values(value).flatMap(referencesIn)];
};

const twins = (names: readonly string[]): string[] => names.filter((name, index) => names.indexOf(name) !== index);

/** What is wrong with an interface; empty when everything it names is there. */
export const interfaceFaults = (description: Interface): string[] => {
  const { operations, channels, entities, types, auth } = description;
  const faults: string[] = [];
  const must = (holds: boolean, fault: string): void => void (holds || faults.push(fault));
  must(description.format === 'burgeon.interface/1', 'the format is not the current one');
  must(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(description.name), `"${description.name}" is not a kebab-case name`);
  must(JSON.stringify(JSON.parse(JSON.stringify(description))) === JSON.stringify(description), 'it is not plain JSON');
  for (const twin of twins(operations.map(({ id }) => id))) must(false, `two operations are called ${twin}`);
  for (const twin of twins(channels.map(({ id }) => id))) must(false, `two channels are called ${twin}`);
  for (const twin of twins(entities.map(({ name }) => name))) must(false, `two entities are called ${twin}`);
  for (const name of new Set(referencesIn({ operations, channels, entities, types })))
    must(Object.hasOwn(types, name), `there is no type ${name}`);
  for (const { id, input, auth: ways, pagination } of operations) {
    must(/^[A-Za-z_$][\w$]*$/.test(id), `${id} is not an identifier`);
    must(input.type === 'object', `the input of ${id} is not an object`);
    const has = (property: string | undefined): boolean => property === undefined || Object.hasOwn(input.properties, property);
    for (const property of input.required ?? []) must(has(property), `${id} requires ${property}, which it does not take`);
    for (const name of ways.flatMap(Object.keys)) must(Object.hasOwn(auth, name), `${id} needs ${name}, which is no auth scheme`);
    must(
      has(pagination?.input.limit) && has(pagination?.input.position),
      `the pagination of ${id} steers by a property it does not take`,
    );
  }
  for (const entity of entities) {
    for (const mapping of Object.values(entity.operations)) {
      const operation = operations.find(({ id }) => id === mapping.operation);
      must(operation !== undefined, `${entity.name} names ${mapping.operation}, which is no operation`);
      for (const property of Object.keys(mapping.key)) {
        must(
          operation === undefined || Object.hasOwn(operation.input.properties, property),
          `${mapping.operation} does not take ${property}`,
        );
      }
    }
  }
  for (const diagnostic of description.diagnostics)
    must(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(diagnostic.code), `${diagnostic.code} is no code of a diagnostic`);
  return faults;
};

/** What every source must keep: it knows its own and claims nobody else's, reads the same input the same way, gives a sound interface, and refuses with a named error. */
export const sourceSuite = ({ describe, it, expect }: SuiteRunner, options: SourceSuiteOptions): void =>
  describe(`source ${options.source.name}`, () => {
    const { source, own, foreign, invalid } = options;
    const read = (input: SourceInput): Promise<Interface> => source.read(input, contextOf(options.context));

    for (const { name, input } of own) {
      it(`recognises ${name}`, () => expect(source.detect(input) >= 0.5).toBe(true));
      it(`reads ${name} into a sound interface`, async () => expect(interfaceFaults(await read(input))).toEqual([]));
      it(`reads ${name} twice into the same`, async () =>
        expect(JSON.stringify(await read(input))).toBe(JSON.stringify(await read(input))));
      it(`says what ${name} was`, async () => {
        const { source: reference } = await read(input);
        expect(reference.kind).toBe(source.name);
        expect(/^[0-9a-f]{64}$/.test(reference.digest)).toBe(true);
      });
    }

    for (const { name, input } of foreign) it(`does not claim ${name}`, () => expect(source.detect(input) < 0.5).toBe(true));

    for (const { name, input, code } of invalid) {
      it(`refuses ${name} with ${code}`, async () => {
        const fault: unknown = await read(input).catch((error: unknown) => error);
        expect(BurgeonError.is(fault) ? fault.code : String(fault)).toBe(code);
        expect(BurgeonError.is(fault) && fault.hint !== undefined && fault.hint !== '').toBe(true);
      });
    }
  });
