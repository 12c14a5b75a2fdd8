import { BurgeonError, type Grant, type Limits, type SchemaObject, type VerifiedModule, manifestExtension } from '@burgeon/kit';
import { limitExceeded } from '../../../base/limit-exceeded.ts';
import type { WasmShape } from '../../../base/wasm-shape.ts';
import { type WasmNeeds, extismModule, needsOf, readEntry } from '../../../security/wasm-imports.ts';
import { bound } from './bound.ts';
import type { WasmProgram } from './library.ts';

/** What must be exported for our own interface, and what may be. @see docs/abi.md */
const required = { alloc: 'i32->i32', invoke: 'i32,i32,i32,i32,i32->i64' } as const;
const optional = { free: 'i32,i32->', init: '->', _initialize: '->' } as const;

/** Signatures under which an export of an Extism plug-in can be called. */
const plugInSignatures: ReadonlySet<string> = new Set(['->i32', '->']);

/** Bytes that the Extism side of a plug-in may take beside its memory. */
const mostArenaBytes: number = 64 * 1024 * 1024;

/**
 * Judges a WebAssembly module by its outside, before anything compiles it, and gives what the engine needs: the binary within its bounds.
 * @throws {BurgeonError} MODULE_FAILED when it is malformed, imports what nothing offers or does not export what it must,
 * CAPABILITY_DENIED when it imports power it was not granted, LIMIT_EXCEEDED when it begins larger than it may become
 */
export const programOf = (module: VerifiedModule, grants: readonly Grant[], limits: Limits): WasmProgram => {
  const { entry = 'module.wasm', id, limits: own } = module.manifest.extensions[manifestExtension];
  const read = readEntry(module.file(entry), entry);
  if (read.fault !== undefined) throw broken(id, entry, read.fault);
  const { bytes, shape } = read;
  const { powers, refused } = needsOf(shape);
  if (refused.length > 0) throw broken(id, entry, `it imports ${refused.slice(0, 10).join('; ')}`);
  requireGrants(id, powers, grants);
  if (shape.memories.length > 1) throw broken(id, entry, 'it has more than one memory');
  const extism = shape.imports.some(({ module: from }) => from === extismModule);
  const foreign = shape.imports.find(({ module: from }) => from.startsWith('burgeon'));
  if (extism && foreign) throw broken(id, entry, `it imports both from "${extismModule}" and from "${foreign.module}"`);
  if (!extism) requireExports(shape, (what) => broken(id, entry, what));
  const memoryBytes = Math.min(limits.memoryBytes, limits.hardMemoryBytes);
  const bounded = bound(bytes, shape, memoryBytes);
  if (bounded.exceeds === 'memory') throw limitExceeded({ name: id, limits, limit: 'memoryBytes', own });
  if (bounded.exceeds !== undefined) throw broken(id, entry, 'its tables have too many entries');
  return {
    code: bounded.bytes.toString('base64'),
    entry,
    imports: shape.imports.map(({ module: from, name }) => {
      const power = powers.find((each) => each.module === from && each.name === name);
      const asks =
        from === 'burgeon' && name === 'sleep'
          ? { kind: '', method: 'sleep' }
          : power && { kind: power.kind, method: power.method };
      return { module: from, name, ...asks };
    }),
    memoryBytes,
    wallMs: limits.wallMs,
    resultBytes: limits.resultBytes,
    reentrant: !extism && shape.exports.some(({ name }) => name === 'reentrant'),
    ...(extism && { extism: plugInOf(module, shape, limits) }),
  };
};

const broken = (id: string, entry: string, what: string): BurgeonError =>
  new BurgeonError('MODULE_FAILED', {
    message: `${id} cannot be run: ${entry}: ${what}.`,
    hint: 'docs/abi.md says what a WebAssembly module exports and may import.',
  });

const requireGrants = (id: string, powers: WasmNeeds['powers'], grants: readonly Grant[]): void => {
  const denied = powers.find(({ kind }) => !grants.some((grant) => grant.kind === kind));
  if (!denied) return;
  throw new BurgeonError('CAPABILITY_DENIED', {
    message: `${id} imports "${denied.module}" "${denied.name}", but was not granted "${denied.kind}".`,
    hint: 'Declare the capability in plugin.json and have the new version approved.',
  });
};

const requireExports = ({ exports }: WasmShape, fault: (what: string) => BurgeonError): void => {
  if (!exports.some(({ name, kind }) => name === 'memory' && kind === 'memory'))
    throw fault('it exports no memory of the name "memory"');
  for (const [name, signature] of Object.entries({ ...required, ...optional })) {
    const found = exports.find((each) => each.name === name);
    if (!found && Object.hasOwn(optional, name)) continue;
    if (found?.signature !== signature) throw fault(`it exports no function "${name}" ${signature}`);
  }
};

const plugInOf = (module: VerifiedModule, { exports }: WasmShape, limits: Limits): NonNullable<WasmProgram['extism']> => {
  const room = Math.max(limits.hardMemoryBytes - limits.memoryBytes, 1024 * 1024);
  return {
    arenaBytes: Math.min(room, mostArenaBytes),
    callable: exports.flatMap(({ name, signature }) =>
      signature !== undefined && plugInSignatures.has(signature) ? [name] : [],
    ),
    plain: module.interface.operations.flatMap(({ id, input }) => (takesText(input) ? [id] : [])),
  };
};

/** An operation whose only property is `input`, a text, hands that text over instead of JSON: plug-ins that were not written for us want it so. */
const takesText = ({ properties }: { properties: Record<string, unknown> }): boolean => {
  const only = Object.keys(properties).length === 1 ? properties['input'] : undefined;
  return typeof only === 'object' && (only as SchemaObject).type === 'string';
};
