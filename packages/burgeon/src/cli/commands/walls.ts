import type { JsonValue } from '@burgeon/kit';
import { walls } from '../../security/jail.ts';
import type { Action } from '../command.ts';
import { bold, dim, green, red, table, yellow } from '../text.ts';

/** `modules test-isolation`: says what stands around modules on this machine. Ends with 1 when a wall that must hold does not. */
export const testIsolation: Action = async ({ terminal }) => {
  const found = await walls();
  const ok = found.network && found.files;
  const sign = (holds: boolean): string => (holds ? green('\u2713') : red('\u2717'));
  terminal.result({ ok, ...found } as unknown as JsonValue, () =>
    [
      bold('Modules that are data'),
      table([
        [green('\u2713'), 'no code of their own runs'],
        [green('\u2713'), 'one egress gate with its host list'],
        [green('\u2713'), 'secrets stay in the host'],
      ]),
      bold('Modules that are code'),
      table([
        [found.jail === 'none' ? yellow('\u2022') : green('\u2713'), 'jail', found.jail],
        [sign(found.permission), 'permission model of Node', ''],
        [sign(found.network), 'no network', ''],
        [sign(found.files), 'no files but their own', ''],
      ]),
      dim(found.text),
    ].join('\n'),
  );
  return ok ? 0 : 1;
};
