import type { IncomingMessage, ServerResponse } from 'node:http';
import { BurgeonError } from '@burgeon/kit';
import { createHttpListener } from '../bindings/http/server/listener.ts';
import type { Burgeon } from '../burgeon.ts';

/** What answers behind the guard. */
export interface Doors {
  /** Burgeon's own operations; false when none has this path. */
  web(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** All active modules over MCP. */
  mcp(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}
