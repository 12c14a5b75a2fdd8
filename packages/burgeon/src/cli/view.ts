import type { McpViewName } from '../adapters/protocols/mcp/index.ts';
import { textOption, type Invocation } from './command.ts';
import { usage } from './fault.ts';

const views = ['static', 'search', 'code'] as const;

/** The option `--view`: how operations are shown over MCP. @throws {BurgeonError} USAGE when there is no such view */
export const viewOption = (invocation: Invocation): McpViewName | undefined => {
  const wanted = textOption(invocation, 'view');
  const view = views.find((each) => each === wanted);
  if (wanted !== undefined && view === undefined) throw usage(`There is no view "${wanted}".`, `Views: ${views.join(', ')}`);
  return view;
};
