import type { ApprovalChannel } from './contracts/approval-channel.ts';
import type { Check } from './contracts/check.ts';
import type { Host } from './contracts/host.ts';
import type { ModelProvider } from './contracts/model-provider.ts';
import type { Protocol } from './contracts/protocol.ts';
import type { Source } from './contracts/source.ts';
import type { Target } from './contracts/target.ts';

/** Types a source while keeping its own shape. */
export const defineSource = <S extends Source>(source: S): S => source;

/** Types a target while keeping its own shape. */
export const defineTarget = <T extends Target>(target: T): T => target;

/** Types a protocol while keeping its own shape: a face it has is not optional to its users. */
export const defineProtocol = <P extends Protocol>(protocol: P): P => protocol;

/** Types a host while keeping its own shape. */
export const defineHost = <H extends Host>(host: H): H => host;

/** Types a check while keeping its own shape. */
export const defineCheck = <C extends Check>(check: C): C => check;

/** Types a model provider while keeping its own shape. */
export const defineModelProvider = <M extends ModelProvider>(provider: M): M => provider;

/** Types an approval channel while keeping its own shape. */
export const defineApprovalChannel = <A extends ApprovalChannel>(channel: A): A => channel;
