import { attackHost } from '../proof.ts';

await attackHost('strict', ['escape', 'system']);
