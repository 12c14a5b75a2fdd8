import type { Interface, JsonValue, Target } from '@burgeon/kit';
import type { ManagementOperation } from './define.ts';
import type { Metrics } from '../runtime/metrics.ts';

/** What the status operations need. */
export interface StatusParts {
  metrics: Pick<Metrics, 'text'>;
  /** Resolves when the store answers. */
  ready(): Promise<void>;
  /** The management interface itself, for its own document. */
  self(): Interface;
  /** Writer of that document. */
  documentTarget(): Promise<Target>;
}

/** Health, readiness, metrics and the description of Burgeon itself. All of them answer without a token and tell no secret. */
export const statusOperations = (parts: StatusParts): ManagementOperation[] => [
  {
    id: 'health',
    summary: 'Says that the process answers.',
    effect: 'read',
    route: 'GET /healthz',
    doors: ['web'],
    needs: 'nothing',
    output: { type: 'object', properties: { status: { const: 'ok' } }, required: ['status'] },
    handle: async () => ({ status: 'ok' }),
  },
  {
    id: 'ready',
    summary: 'Says that the store answers and calls can be made.',
    effect: 'read',
    route: 'GET /readyz',
    doors: ['web'],
    needs: 'nothing',
    output: { type: 'object', properties: { status: { const: 'ok' } }, required: ['status'] },
    handle: async () => {
      await parts.ready();
      return { status: 'ok' };
    },
  },
  {
    id: 'metrics',
    summary: 'Counters in the Prometheus text format.',
    effect: 'read',
    route: 'GET /metrics',
    doors: ['web'],
    needs: 'view',
    mediaType: 'text/plain; version=0.0.4',
    output: { type: 'string' },
    handle: async () => parts.metrics.text(),
  },
  {
    id: 'openapi',
    summary: 'This interface as an OpenAPI document.',
    effect: 'read',
    route: 'GET /openapi.json',
    doors: ['web'],
    needs: 'nothing',
    output: { type: 'object' },
    handle: async () => {
      const target = await parts.documentTarget();
      const [file] = await target.write(parts.self(), {
        module: 'burgeon/management',
        version: parts.self().version,
        form: 'standalone',
      });
      return JSON.parse(file?.text ?? '{}') as JsonValue;
    },
  },
];
