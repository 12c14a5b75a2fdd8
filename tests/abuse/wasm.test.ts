import { attackHost } from '../proof.ts';

await attackHost('wasm', ['cpu', 'memory', 'host-side']);
