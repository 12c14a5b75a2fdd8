import { BurgeonError, type Exposure, type Interface } from '@burgeon/kit';
import { createMirror, type Mirror } from '../mirror/mirror.ts';
import { inspect } from '../registry/inspect.ts';
import type { PipelineContext } from './context.ts';
import { derive, type DeriveRequest } from './derive.ts';
import { protocolOf } from './generate.ts';

/** What to stand up and how. */
export interface StandUpRequest extends DeriveRequest {
  port?: number;
  address?: string;
  /** Same seed, same answers. Default: 1. */
  seed?: number;
  latencyMs?: number;
  /** Share of answers replaced by a fault, 0..1. */
  errorRate?: number;
  validation?: 'off' | 'report' | 'enforce';
}

/** A mirror that stands and answers. */
export interface StandingMirror extends Exposure {
  protocol: string;
  operations: number;
  mirror: Mirror;
}

/**
 * Stands a module (when `what` names one) or anything that can be pointed at up as a server that behaves like it.
 * @throws {BurgeonError} MODULE_NOT_FOUND, SOURCE_*, PORT_IN_USE, UNSUPPORTED when its protocol cannot be exposed
 */
export const standUp = async (context: PipelineContext, request: StandUpRequest): Promise<StandingMirror> => {
  const description = await described(context, request);
  // Types alone are mirrored as a web server that answers nothing but 404: a description that grows keeps its mirror.
  const name = protocolOf(description) ?? (description.operations.length === 0 ? 'http' : 'none');
  const protocol = Object.hasOwn(context.protocols, name) ? await context.protocols[name]?.() : undefined;
  if (!protocol?.expose) {
    throw new BurgeonError('UNSUPPORTED', {
      message:
        name === 'none'
          ? `${description.name} is code that is reached over no protocol, so nothing can stand in for it.`
          : `"${name}" cannot be mirrored in this version.`,
      hint:
        name === 'none'
          ? 'Call it instead: burgeon call MODULE.OPERATION'
          : `Protocols: ${Object.keys(context.protocols).join(', ')}`,
    });
  }
  const seed = request.seed ?? 1;
  const mirror = createMirror(description, { seed, clock: context.clock });
  const exposure = await protocol.expose(mirror, {
    clock: context.clock,
    log: context.log,
    seed,
    ...(request.port === undefined ? {} : { port: request.port }),
    ...(request.address === undefined ? {} : { address: request.address }),
    ...(request.latencyMs === undefined ? {} : { latencyMs: request.latencyMs }),
    ...(request.errorRate === undefined ? {} : { errorRate: request.errorRate }),
    ...(request.validation === undefined ? {} : { validation: request.validation }),
  });
  return { url: exposure.url, close: () => exposure.close(), protocol: name, operations: description.operations.length, mirror };
};

/** A reference such as `api/petstore` or `petstore@1.0.0` that the registry knows; anything else is read as a source. */
const described = async (context: PipelineContext, request: StandUpRequest): Promise<Interface> => {
  if (request.text === undefined && /^[a-z][\w-]*(\/[\w.-]+)?(@[\w.+-]+)?$/i.test(request.what)) {
    const reference = await context.registry.resolve(request.what).catch(() => undefined);
    if (reference) return (await inspect(context.registry, reference)).interface;
  }
  return (await derive(context, request)).interface;
};
