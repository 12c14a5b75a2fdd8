import { attackHost } from '../proof.ts';

await attackHost('wasm', ['escape', 'system']);
