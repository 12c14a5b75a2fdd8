import { attackHost } from '../proof.ts';

await attackHost('process', ['escape', 'system']);
