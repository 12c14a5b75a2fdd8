import { attackHost } from '../proof.ts';

await attackHost('strict', ['cpu', 'memory', 'host-side']);
