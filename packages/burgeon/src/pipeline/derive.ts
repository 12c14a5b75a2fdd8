import { basename } from 'node:path';
import {
  BurgeonError,
  type AdapterList,
  type Interface,
  type Program,
  type Source,
  type SourceContext,
  type SourceInput,
} from '@burgeon/kit';
import { kebabOf } from '../interface/naming.ts';
import { checkInterface, normaliseInterface } from '../interface/normalise.ts';
import { placeOf } from '../security/host-rules.ts';
import type { PipelineContext } from './context.ts';
import { fetchText, pointAt, withoutSecrets } from './point.ts';

/** What to read and how. */
export interface DeriveRequest {
  /** Path, URL or connection string; the label of `text` when that is there. */
  what: string;
  /** Document text, when it came through a pipe. */
  text?: string;
  /** Source to use instead of the best guess. */
  as?: string;
  /** Short name instead of the interface's own. */
  name?: string;
  /** Base address instead of the interface's own. */
  location?: string;
  /** Documents that may be read when this one refers to them: paths or URLs, exactly as they will be resolved. */
  allowRefs?: string[];
}

/** An interface, and what the vault must know so that it can be reached. */
export interface Derived {
  interface: Interface;
  /** The program behind it, when the module has code of its own. */
  program?: Program;
  /** Connection string of a live thing; a secret. */
  connection?: string;
}

/** Places where servers commonly keep their description, tried in order when an address is not itself one. */
const wellKnown = [
  'openapi.json',
  'openapi.yaml',
  'swagger.json',
  'v3/api-docs',
  'v2/api-docs',
  'api/openapi.json',
  'api-docs',
  'swagger/v1/swagger.json',
  'swagger/doc.json',
];

/**
 * First stage: reads what was pointed at into a sound, normalised interface.
 * @throws {BurgeonError} SOURCE_* and SPEC_TOO_COMPLEX; ADAPTER_UNKNOWN for a wrong `as`; INPUT_INVALID for a location that carries a secret
 */
export const derive = async (context: PipelineContext, request: DeriveRequest): Promise<Derived> => {
  if (request.location !== undefined) requireOpen(request.location);
  const pointed: SourceInput =
    request.text === undefined
      ? await pointAt(context, request.what)
      : { kind: 'document', location: request.what, text: request.text };
  const { source, input } = await recognise(context, pointed, request.as);
  const { interface: read, program } = await readSource(context, source, input, request.allowRefs ?? []);
  const named: Interface = {
    ...read,
    source: { ...read.source, location: portable(input, read) },
    ...(request.name === undefined ? {} : { name: kebabOf(request.name.split('/').at(-1) ?? request.name) }),
    ...(request.location === undefined ? {} : { locations: [{ url: request.location }] }),
  };
  const normal = normaliseInterface(named);
  const description = { ...normal, diagnostics: [...normal.diagnostics, ...checkInterface(normal)] };
  return {
    interface: description,
    ...(program === undefined ? {} : { program }),
    ...(input.kind === 'connection' ? { connection: input.location } : {}),
  };
};

/** A location becomes a part of the module, for everybody to read. */
const requireOpen = (location: string): void => {
  const url = URL.parse(location);
  if (!url || (url.username === '' && url.password === '')) return;
  throw new BurgeonError('INPUT_INVALID', {
    message: `The location ${withoutSecrets(location)} carries a user name or password.`,
    hint: 'Write it without, and keep the credential in the vault: burgeon secret set.',
  });
};

/** Where it was found, without the folders of this machine: the same file gives the same module everywhere. Live things keep their redacted address. */
const portable = (input: SourceInput, read: Interface): string => {
  if (input.kind === 'connection' || /^https?:/.test(input.location)) return read.source.location;
  return basename(input.location);
};

const readSource = async (
  context: PipelineContext,
  source: Source,
  input: SourceInput,
  allowRefs: string[],
): Promise<Pick<Derived, 'interface' | 'program'>> => {
  if (source.reads === 'document') {
    const documents: Record<string, string> = {};
    for (const reference of allowRefs) documents[reference] = (await pointAt(context, reference)).text ?? '';
    return { interface: await context.reader.read({ source: source.name, input, budget: context.budget, documents }) };
  }
  const host = placeOf(input.location);
  const parts: SourceContext = {
    budget: context.budget,
    clock: context.clock,
    log: context.log,
    signal: AbortSignal.timeout(context.budget.deadlineMs),
    egress: context.egressTo(host === '' ? [] : [host]),
  };
  return source.readProgram ? source.readProgram(input, parts) : { interface: await source.read(input, parts) };
};

const recognise = async (
  context: PipelineContext,
  input: SourceInput,
  as: string | undefined,
): Promise<{ source: Source; input: SourceInput }> => {
  if (as !== undefined) {
    const source = Object.hasOwn(context.sources, as) ? await context.sources[as]?.() : undefined;
    if (source) return { source, input };
    throw new BurgeonError('ADAPTER_UNKNOWN', {
      message: `There is no source "${as}".`,
      hint: `Sources: ${Object.keys(context.sources).join(', ')}`,
    });
  }
  const source = await bestSource(context.sources, input);
  if (source) return { source, input };
  const elsewhere = /^https?:/.test(input.location) ? await searchWellKnown(context, input.location) : undefined;
  if (elsewhere) return elsewhere;
  throw unrecognised(input, Object.keys(context.sources));
};

const bestSource = async (list: AdapterList<Source>, input: SourceInput): Promise<Source | undefined> => {
  let best: { source: Source; score: number } | undefined;
  for (const load of Object.values(list)) {
    const source = await load();
    const score = source.detect(input);
    if (score > (best?.score ?? 0)) best = { source, score };
  }
  return best?.source;
};

const searchWellKnown = async (
  context: PipelineContext,
  location: string,
): Promise<{ source: Source; input: SourceInput } | undefined> => {
  const base = new URL(location);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const places = new Set(wellKnown.flatMap((path) => [new URL(path, base).href, new URL(`/${path}`, base).href]));
  for (const place of places) {
    const document = await fetchText(context, new URL(place)).catch(() => undefined);
    if (!document) continue;
    const input: SourceInput = { kind: 'document', location: place, text: document.text, mediaType: document.mediaType };
    const source = await bestSource(context.sources, input);
    if (source) return { source, input };
  }
  return undefined;
};

const unrecognised = (input: SourceInput, names: string[]): BurgeonError => {
  const start = (input.text ?? '').trimStart().slice(0, 200).toLowerCase();
  const page = start.startsWith('<!doctype html') || start.startsWith('<html');
  const what = page
    ? 'is a web page, not a description of an interface'
    : input.text?.trim() === ''
      ? 'is empty'
      : 'is nothing that a source recognises';
  return new BurgeonError('SOURCE_UNRECOGNISED', {
    message: `${withoutSecrets(input.location)} ${what}.`,
    hint: page
      ? 'Look on the page for a link to "openapi.json", "swagger.json" or "openapi.yaml" and point at that.'
      : `Sources: ${names.join(', ')}. Force one with --as NAME to see what it says.`,
  });
};
