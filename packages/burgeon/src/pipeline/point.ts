import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { BurgeonError, type Egress } from '@burgeon/kit';
import { nearest } from '../base/nearest.ts';
import { databaseFileOf } from '../bindings/sql/database/connection.ts';
import { reachOf } from '../security/addresses.ts';
import { bareHost } from '../security/host-rules.ts';
import { isOurs } from '../security/own-files.ts';
import type { PipelineContext } from './context.ts';
import type { Pointed, PointedDocument } from './pointed.ts';

const databaseEndings = new Set(['.db', '.db3', '.sqlite', '.sqlite3']);
const sqliteMagic = 'SQLite format 3\u0000';

/**
 * The first look at what was pointed at: a file is read, an address fetched, a connection string left alone.
 * @throws {BurgeonError} SOURCE_NOT_FOUND, SOURCE_FORBIDDEN, SOURCE_UNREACHABLE, SOURCE_UNRECOGNISED, SPEC_TOO_COMPLEX
 */
export const pointAt = async (context: PipelineContext, what: string): Promise<Pointed> => {
  const pointed = await lookAt(context, what);
  const path = fileOf(pointed);
  if (path === undefined || context.home === undefined || !(await isOurs(context.home, path))) return pointed;
  throw new BurgeonError('SOURCE_FORBIDDEN', {
    message: `${path} lies in the data directory of Burgeon itself.`,
    hint: 'Whoever could write there would need no approval for anything. Point at something else.',
  });
};

const fileOf = ({ kind, location }: Pointed): string | undefined => {
  if (kind === 'connection') return databaseFileOf(location);
  return /^https?:\/\//i.test(location) ? undefined : location;
};

const lookAt = async (context: PipelineContext, what: string): Promise<Pointed> => {
  if (/^https?:\/\//i.test(what)) return fetchDocument(context, what);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(what)) return { kind: 'connection', location: what };
  if (/^sqlite:/i.test(what)) return { kind: 'connection', location: `sqlite:${resolve(what.slice('sqlite:'.length))}` };
  const path = resolve(what);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) return missing(what, path, found);
  if (found.isDirectory()) return { kind: 'folder', location: path };
  if (databaseEndings.has(extname(path).toLowerCase())) return { kind: 'connection', location: `sqlite:${path}` };
  if (found.size > context.budget.bytes) throw tooLarge(what, found.size, context.budget.bytes);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => Promise.reject(unreadable(what, error)));
  if (bytes.subarray(0, sqliteMagic.length).toString('latin1') === sqliteMagic)
    return { kind: 'connection', location: `sqlite:${path}` };
  return { kind: 'document', location: path, content: bytes };
};

const tooLarge = (what: string, bytes: number, limit: number): BurgeonError =>
  new BurgeonError('SPEC_TOO_COMPLEX', {
    message: `${what} is ${bytes} bytes; at most ${limit} are read.`,
    hint: 'Split the document, or point at a smaller part of it.',
    data: { bytes, limit },
  });

const unreadable = (what: string, error: NodeJS.ErrnoException): BurgeonError =>
  new BurgeonError('SOURCE_FORBIDDEN', {
    message: `${what} cannot be read (${error.code ?? error.message}).`,
    hint: 'Check who owns the file and its mode: ls -l',
    cause: error,
  });

const missing = async (what: string, path: string, error: NodeJS.ErrnoException): Promise<never> => {
  if (error.code === 'EACCES') throw unreadable(what, error);
  if (/^[\w.-]+(:\d+)?(\/\S*)?$/.test(what) && looksLikeHost(what)) {
    throw new BurgeonError('SOURCE_NOT_FOUND', {
      message: `There is no file "${what}".`,
      hint: `If it is a web address, write it with its scheme: https://${what}`,
    });
  }
  if (/\s/.test(what.trim()) && !what.includes('/')) {
    throw new BurgeonError('SOURCE_UNRECOGNISED', {
      message: `"${what}" is neither a file nor an address, and this version does not read sentences yet.`,
      hint: 'Point at a document, a URL or a connection string: burgeon add ./openapi.yaml',
    });
  }
  const siblings = await readdir(dirname(path)).catch(() => []);
  const near = nearest(basename(path), siblings);
  throw new BurgeonError('SOURCE_NOT_FOUND', {
    message: `There is no file or folder "${what}".`,
    hint: near === undefined ? `Looked in ${dirname(path)}. Check the path.` : `Did you mean ${near}?`,
    data: { path },
  });
};

const looksLikeHost = (what: string): boolean =>
  /^localhost(:|\/|$)/.test(what) || /^[\w-]+(\.[\w-]+)*\.(com|org|net|io|dev|pl|eu|app|ai|co)(:\d+)?(\/|$)/.test(what);

/**
 * One document from an address a person named.
 * @throws {BurgeonError} SOURCE_NOT_FOUND, SOURCE_UNREACHABLE, SPEC_TOO_COMPLEX
 */
export const fetchDocument = async (context: PipelineContext, what: string): Promise<PointedDocument> => {
  const url = URL.parse(what);
  if (!url)
    throw new BurgeonError('SOURCE_NOT_FOUND', {
      message: `"${what}" is not a valid address.`,
      hint: 'Write it like https://example.com/openapi.json',
    });
  const egress = context.egressTo([url.host]);
  const headers = { accept: 'application/json, application/yaml;q=0.9, text/yaml;q=0.9, */*;q=0.5' };
  const response = await egress.fetch(url.href, { headers }).catch((error: unknown) => {
    const cause = BurgeonError.from(error);
    if (cause.code === 'CAPABILITY_DENIED')
      throw new BurgeonError('SOURCE_FORBIDDEN', {
        message: `${url.origin} may not be read: ${cause.message}`,
        hint: cause.hint ?? 'Point at another address.',
        data: cause.data ?? {},
        cause,
      });
    throw new BurgeonError('SOURCE_UNREACHABLE', {
      message: `${url.origin} does not answer: ${cause.message}`,
      hint: cause.hint ?? 'Check the address and that the server is running.',
      cause,
      retryable: true,
    });
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new BurgeonError('SOURCE_UNREACHABLE', {
      message: `${url.href} answered ${response.status} ${response.statusText}`.trimEnd() + '.',
      hint:
        response.status === 401 || response.status === 403
          ? 'Download the document with your credentials and point at the file.'
          : 'Check the address.',
      data: { status: response.status },
    });
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.byteLength > context.budget.bytes) throw tooLarge(url.href, bytes.byteLength, context.budget.bytes);
  const mediaType = response.headers.get('content-type');
  const inside = await leadsInside(egress, url);
  return { kind: 'document', location: url.href, content: bytes, inside, ...(mediaType === null ? {} : { mediaType }) };
};

/** A name that leads somewhere public is not trusted to lead into this network later. */
const leadsInside = async (egress: Egress, url: URL): Promise<boolean> => {
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const { address } = await egress.resolve(bareHost(url), port);
  return reachOf(address) !== 'public';
};
