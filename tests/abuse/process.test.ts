import { attackHost } from '../proof.ts';

await attackHost('process', ['cpu', 'memory', 'host-side']);
