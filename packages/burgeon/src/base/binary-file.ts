import type { BundleFile } from '@burgeon/kit';

/** True for files that a bundle, whose files are text, carries as base64: WebAssembly and executables. */
export const isBinary = (path: string): boolean => /\.(?:wasm|bin)$/.test(path);

/** The text under which a bundle carries some bytes; undefined when they are neither text nor of a binary kind. */
export const textOfContent = (path: string, content: Buffer): string | undefined => {
  if (isBinary(path)) return content.toString('base64');
  if (content.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
};

/** What a file of a bundle is on disk. */
export const contentOf = ({ path, text }: BundleFile): string | Buffer => (isBinary(path) ? Buffer.from(text, 'base64') : text);

/** Bytes of a file on disk. */
export const sizeOf = ({ path, text }: BundleFile): number => Buffer.byteLength(text, isBinary(path) ? 'base64' : 'utf8');

/** The bytes of a binary file; undefined when its text is not their one base64 form. */
export const bytesOf = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
};
