export { defaultLimits } from './capability.ts';
export type { Capability, Grant, Limits } from './capability.ts';
export type { AdapterList } from './contracts/adapter-list.ts';
export type {
  ApprovalAnswer,
  ApprovalChannel,
  ApprovalChannelAdapter,
  ApprovalChannelContext,
  ApprovalInbox,
  ApprovalQuestion,
  Asked,
} from './contracts/approval-channel.ts';
export type {
  BusBinding,
  DeliveryOutcome,
  MessageEnvelope,
  MessageEnvelope1,
  MessageEnvelope2,
  ModuleBus,
  Published,
} from './contracts/bus.ts';
export type { Cache, CacheAdapter } from './contracts/cache.ts';
export type { CallOptions, CallResult, Callable, Connection, Provider, Variant } from './contracts/call.ts';
export type { Check, CheckContext } from './contracts/check.ts';
export type { Clock, Credential, Egress, Logger } from './contracts/context.ts';
export type { Host, HostContext, Instance, Usage, VerifiedModule } from './contracts/host.ts';
export type { ModelAnswer, ModelCapabilities, ModelProvider, ModelRequest } from './contracts/model-provider.ts';
export type { ConnectContext, ExposeOptions, Exposure, Protocol } from './contracts/protocol.ts';
export { defaultBudget } from './contracts/source.ts';
export type { Source, SourceBudget, SourceContext, SourceInput } from './contracts/source.ts';
export type { LogEntry, Store, StoreAdapter, StoreQuery, StoreWrite, StoredRecord } from './contracts/store.ts';
export type { Target, TargetOptions } from './contracts/target.ts';
export {
  defineApprovalChannel,
  defineCheck,
  defineHost,
  defineModelProvider,
  defineProtocol,
  defineSource,
  defineTarget,
} from './define.ts';
export type { Diagnostic, Severity } from './diagnostic.ts';
export { BurgeonError, errorTable } from './errors.ts';
export type { ErrorCode, ErrorDetails, ErrorJson, ErrorRow, Fault } from './errors.ts';
export type {
  AuthScheme,
  Channel,
  Effect,
  Entity,
  EntityOperation,
  EntityRole,
  Example,
  Interface,
  Location,
  Operation,
  Pagination,
  Result,
  SchemaObjectInput,
  SourceReference,
} from './interface.ts';
export type { JsonObject, JsonSchema, JsonValue, SchemaObject } from './json.ts';
export { manifestExtension, namespaces, pluginSchema } from './manifest.ts';
export type { BundleFile, Candidate, Manifest, ModuleKind, ModuleManifest, Namespace, Program, Provenance } from './manifest.ts';
