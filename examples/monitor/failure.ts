/** Why something was refused; the codes that the operations' errors list. */
export type FailureCode = 'value' | 'kind' | 'full' | 'rule' | 'metric' | 'state';

/** An error as callers get it: `data` holds what `errors` in plugin.json describes. */
export const failure = (code: FailureCode, message: string): Error =>
  Object.assign(new Error(message), { data: { code, message } });
