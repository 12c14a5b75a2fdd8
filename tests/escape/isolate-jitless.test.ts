import { attackHost } from '../proof.ts';

await attackHost('isolate-jitless', ['escape', 'system']);
