import type { Diagnostic } from '@burgeon/kit';

/** One finding about what a description says. */
export const finding = (severity: Diagnostic['severity'], code: string, path: string, message: string): Diagnostic => ({
  severity,
  code,
  message,
  path,
  from: 'semantic',
});

/** The finding with what to do about it. */
export const advised = (found: Diagnostic, hint: string): Diagnostic => ({ ...found, hint });
