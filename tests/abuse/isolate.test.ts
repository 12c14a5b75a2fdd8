import { attackHost } from '../proof.ts';

await attackHost('isolate', ['cpu', 'memory', 'host-side']);
