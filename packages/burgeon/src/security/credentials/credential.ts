import { type AuthScheme, BurgeonError, type Clock } from '@burgeon/kit';
import type { HttpScheme } from '../../bindings/http/runtime/types.ts';
import type { Hop, Prove } from '../egress-hop.ts';

/** What is kept beside a credential: the token that was got with it. */
export interface Keep {
  read(): Promise<string | undefined>;
  write(value: string): Promise<void>;
}

/** What a credential may use while it proves who asks. */
export interface ProofContext {
  /** Name in the vault. */
  name: string;
  /** What the module's description says of it. */
  auth: AuthScheme | undefined;
  /** Where it goes. */
  place: HttpScheme;
  /** Scopes that this request needs. */
  scopes: readonly string[];
  /** Base addresses of the interface: relative ones in `auth` are relative to the first. */
  base: string | undefined;
  clock: Clock;
  /** The module's own gate, under its grants: what it is asked carries no credential by itself. */
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** Where tokens are kept, sealed. */
  tokens: Keep;
  /** Says that a text must not come back in any answer. */
  conceal(text: string): void;
  /** Runs one work of a name at a time; those who come while it runs get its result. */
  once<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** One kind of credential: how a secret is written, and how it proves who asks. */
export interface CredentialKind<Value = unknown> {
  readonly name: string;
  /** How its value is written, for people. */
  readonly form: string;
  /** Reads a value; undefined when it is not written in the form. */
  read(value: string): Value | undefined;
  /** Makes what sends with proof. It has to conceal every text of the value that leaves, before it does. */
  prove(value: Value, context: ProofContext): Prove;
}

/** Declares a kind; what it reads it can prove. */
export const defineCredential = <Value>(kind: CredentialKind<Value>): CredentialKind => kind as CredentialKind;

/** A request with other headers; names are lower case. */
export const withHeaders = (hop: Hop, headers: Readonly<Record<string, string>>): Hop => ({
  url: hop.url,
  request: {
    ...hop.request,
    headers: [...hop.request.headers.filter(([name]) => !Object.hasOwn(headers, name)), ...Object.entries(headers)],
  },
});

/** The members of a secret that is written as JSON, all of them texts; undefined when it is anything else. */
export const jsonMembers = (value: string): Record<string, string> | undefined => {
  try {
    const read: unknown = JSON.parse(value);
    if (typeof read !== 'object' || read === null || Array.isArray(read)) return undefined;
    return Object.values(read).every((each) => typeof each === 'string') ? (read as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
};

/** A secret that is not what its scheme needs; its value is in no part of the error. */
export const wronglyWritten = (name: string, kind: Pick<CredentialKind, 'name' | 'form'>): BurgeonError =>
  new BurgeonError('INPUT_INVALID', {
    message: `The secret ${name} is not written as a credential of the kind ${kind.name}.`,
    hint: `Write it as ${kind.form}.`,
  });
