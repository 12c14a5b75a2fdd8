export { BurgeonError, errorTable } from '@burgeon/kit';
export type { ErrorCode, Interface, JsonObject, JsonValue, Provider } from '@burgeon/kit';
export { createBurgeon } from './burgeon.ts';
export type { Burgeon, BurgeonOptions, Initialised } from './burgeon.ts';
