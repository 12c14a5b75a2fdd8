import { attackHost } from '../proof.ts';

await attackHost('isolate-jitless', ['cpu', 'memory', 'host-side']);
