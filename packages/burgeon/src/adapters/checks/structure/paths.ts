import type { BundleFile, Diagnostic } from '@burgeon/kit';
import { bytesOf, isBinary } from '../../../base/binary-file.ts';

/** Bounds of a bundle. An interface of 1,200 operations is 13 MB (measured 2026-11). */
const bounds = { files: 4_096, fileBytes: 64 * 1024 * 1024, bundleBytes: 128 * 1024 * 1024, pathLength: 240 };

/** Names that some systems give to devices, whatever the ending. */
const deviceName = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?$/i;

const finding = (code: string, path: string, message: string): Diagnostic => ({
  severity: 'error',
  code,
  message,
  path,
  from: 'structure',
});

/** What is wrong with the paths and sizes of a bundle; empty when it can be unpacked anywhere without leaving its folder. */
export const judgeFiles = (files: readonly BundleFile[]): Diagnostic[] => {
  if (files.length > bounds.files)
    return [finding('bundle-too-large', '/files', `There are ${files.length} files; ${bounds.files} are allowed.`)];
  const found: Diagnostic[] = [];
  const seen = new Map<string, string>();
  let total = 0;
  for (const [index, { path, text }] of files.entries()) {
    const at = `/files/${index}`;
    const fault = faultOfPath(path);
    if (fault !== undefined) found.push(finding('path-invalid', `${at}/path`, `"${shown(path)}" ${fault}.`));
    const same = path.normalize('NFC').toLowerCase();
    const other = seen.get(same);
    if (other !== undefined)
      found.push(
        finding('path-duplicate', `${at}/path`, `"${shown(path)}" is the same file as "${shown(other)}" on some systems.`),
      );
    seen.set(same, path);
    if (isBinary(path) && !bytesOf(text))
      found.push(finding('file-invalid', at, `"${shown(path)}" is binary and not carried as base64.`));
    const bytes = Buffer.byteLength(text);
    total += bytes;
    if (bytes > bounds.fileBytes)
      found.push(finding('file-too-large', at, `"${shown(path)}" has ${bytes} bytes; ${bounds.fileBytes} are allowed.`));
  }
  if (total > bounds.bundleBytes)
    found.push(finding('bundle-too-large', '/files', `The files have ${total} bytes; ${bounds.bundleBytes} are allowed.`));
  return found;
};

const shown = (path: string): string => JSON.stringify(path.slice(0, 120)).slice(1, -1);

/** Why a path may not be in a bundle, or undefined. */
const faultOfPath = (path: string): string | undefined => {
  if (path === '' || path.length > bounds.pathLength) return `is not 1 to ${bounds.pathLength} characters long`;
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is not relative';
  if (/[\\:*?"<>|\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(path)) return 'holds a character that is not allowed';
  const parts = path.split('/');
  if (parts.includes('..') || parts.includes('.')) return 'climbs or stands still';
  if (parts.includes('')) return 'has an empty part';
  if (parts.some((part) => /[. ]$/.test(part))) return 'has a part that ends with a dot or a space';
  return parts.some((part) => deviceName.test(part)) ? 'names a device on some systems' : undefined;
};
