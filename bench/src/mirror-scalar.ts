/** Serves a description with the peer's mock server: node src/mirror-scalar.ts FILE PORT. */
import { readFileSync } from 'node:fs';
import { serve } from '@hono/node-server';
import { createMockServer } from '@scalar/mock-server';

const [path = '', port = ''] = process.argv.slice(2);
const app = await createMockServer({ document: readFileSync(path, 'utf8') });
serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' }, () => process.stdout.write(`standing at ${port}\n`));
