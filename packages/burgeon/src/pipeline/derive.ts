import { BurgeonError, type Interface, type Source, type SourceContext, type SourceInput } from '@burgeon/kit';
import { currentActor } from '../base/actor.ts';
import { isInside, placeOf } from '../security/host-rules.ts';
import type { PipelineContext } from './context.ts';
import { finish } from './finish.ts';
import type { Derived, DeriveRequest } from './derived.ts';
import { derivePackage, isPackage, unpackedAt } from './package.ts';
import { fetchDocument, pointAt } from './point.ts';
import { withoutSecrets, type DocumentContent, type Pointed, type PointedDocument } from './pointed.ts';
import { recognise } from './recognise.ts';

export type { Derived, DeriveRequest } from './derived.ts';

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
 * First stage: reads what was pointed at into a sound, normalised interface. Documents are decoded, recognised, read and normalised in a worker;
 * nothing of them is looked at here.
 * @throws {BurgeonError} SOURCE_* and SPEC_TOO_COMPLEX; ADAPTER_UNKNOWN for a wrong `as`; INPUT_INVALID for a location that carries a secret
 */
export const derive = async (context: PipelineContext, request: DeriveRequest): Promise<Derived> => {
  if (request.location !== undefined) requireOpen(request.location);
  const pointed: Pointed =
    request.text === undefined
      ? await pointAt(context, request.what)
      : { kind: 'document', location: request.what, content: request.text };
  if (pointed.kind === 'document' && isPackage(pointed.content)) return derivePackage(context, pointed.content, request);
  const unpacked = pointed.kind === 'folder' ? await unpackedAt(pointed.location) : undefined;
  if (unpacked) return derivePackage(context, unpacked, request);
  if (pointed.kind === 'document') return { interface: await readDocument(context, pointed, request) };
  const source = await recognise(context.sources, pointed, request.as);
  const { interface: read, program } = await readLive(context, source, pointed);
  return {
    interface: finish(read, pointed, { ...request, inPerson: isInPerson() }),
    ...(program === undefined ? {} : { program }),
    ...(pointed.kind === 'connection' ? { connection: pointed.location } : {}),
  };
};

/** True while the owner is served, not a model or a key. */
const isInPerson = (): boolean => currentActor().kind === 'owner';

/** A location becomes a part of the module, for everybody to read, and what it names may be reached once the module is approved. */
const requireOpen = (location: string): void => {
  const url = URL.parse(location);
  if (url && !isInPerson() && isInside(url)) {
    throw new BurgeonError('SOURCE_FORBIDDEN', {
      message: `${url.origin} lies inside this machine or its network, which only its owner may name.`,
      hint: 'Let the owner add it: burgeon add WHAT --location URL',
    });
  }
  if (!url || (url.username === '' && url.password === '')) return;
  throw new BurgeonError('INPUT_INVALID', {
    message: `The location ${withoutSecrets(location)} carries a user name or password.`,
    hint: 'Write it without, and keep the credential in the vault: burgeon secret set.',
  });
};

/** Reads a document; when an address holds none that is recognised, the well-known places of its server are tried. */
const readDocument = async (context: PipelineContext, pointed: PointedDocument, request: DeriveRequest): Promise<Interface> => {
  const documents: Record<string, DocumentContent> = {};
  for (const reference of request.allowRefs ?? []) {
    const allowed = await pointAt(context, reference);
    documents[reference] = allowed.kind === 'document' ? allowed.content : '';
  }
  const { as, name, location } = request;
  const inPerson = isInPerson();
  const read = (document: PointedDocument): Promise<Interface> =>
    context.workbench.read({
      document,
      documents,
      budget: context.budget,
      ...(as === undefined ? {} : { as }),
      wishes: { ...(name === undefined ? {} : { name }), ...(location === undefined ? {} : { location }), inPerson },
    });
  try {
    return await read(pointed);
  } catch (error) {
    const unknown = BurgeonError.is(error) && error.code === 'SOURCE_UNRECOGNISED' && /^https?:/.test(pointed.location);
    const elsewhere = unknown ? await searchWellKnown(context, pointed.location, read) : undefined;
    if (elsewhere) return elsewhere;
    throw error;
  }
};

const searchWellKnown = async (
  context: PipelineContext,
  location: string,
  read: (document: PointedDocument) => Promise<Interface>,
): Promise<Interface | undefined> => {
  const base = new URL(location);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const places = new Set(wellKnown.flatMap((path) => [new URL(path, base).href, new URL(`/${path}`, base).href]));
  for (const place of places) {
    const found = await fetchDocument(context, place)
      .then(read)
      .catch(() => undefined);
    if (found) return found;
  }
  return undefined;
};

const readLive = async (
  context: PipelineContext,
  source: Source,
  input: SourceInput,
): Promise<Pick<Derived, 'interface' | 'program'>> => {
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
