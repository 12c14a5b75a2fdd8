import type { Case } from './case.ts';
import { hiddenLoops, loops } from './cases/cpu.ts';
import { objects } from './cases/escape-objects.ts';
import { language } from './cases/escape-language.ts';
import { sharing } from './cases/pollution.ts';
import { frames } from './cases/frames.ts';
import { clocks, hostSide } from './cases/host-side.ts';
import { growth, sizes } from './cases/memory.ts';
import { systemCrossing } from './cases/system-crossing.ts';
import { systemTaking } from './cases/system-taking.ts';
import { binaries } from './cases/wasm.ts';

const written: readonly Case[] = [
  ...loops,
  ...hiddenLoops,
  ...growth,
  ...sizes,
  ...objects,
  ...language,
  ...sharing,
  ...hostSide,
  ...frames,
  ...clocks,
  ...systemTaking,
  ...systemCrossing,
];

/** Every attack, in the order of their numbers. */
export const cases: readonly Case[] = written
  .map((each) => ({ ...each, attacks: [...each.attacks, ...(binaries[each.number] ?? [])] }))
  .toSorted((one, other) => one.number - other.number);
