import { attackHost } from '../proof.ts';

await attackHost('isolate', ['escape', 'system']);
