import type { Case, Group, HostKind } from './case.ts';

/** Why a whole family of attacks does not concern a host, where a case does not say it better. */
const reasons: Readonly<Record<Group, Readonly<Record<HostKind, string>>>> = {
  cpu: {
    isolate: 'This loop is made with the means of another language.',
    strict: 'This loop is made with the means of another language.',
    wasm: 'A binary has no such function of a language to misuse; a loop of its own is attacks 1, 14 and 17.',
    process: 'A process is stopped as a whole, whatever it is at: attacks 1, 5 to 8, 17 and 18 stand for all.',
  },
  memory: {
    isolate: 'This memory is taken with the means of another language.',
    strict: 'This memory is taken with the means of another language.',
    wasm: 'A binary has one memory and its tables, both with a maximum: attacks 21, 29, 32 and 34.',
    process: 'All memory of a process is counted alike, whatever took it: attacks 19 to 21, 23, 30, 32, 34 and 35.',
  },
  escape: {
    isolate: 'Nothing of that language is inside.',
    strict: 'Nothing of that language is inside.',
    wasm: 'Only numbers and bytes cross into a binary: there is no object to climb.',
    process: 'A program owns its whole process, with nothing of ours in it to climb from; its walls are attacks 61 to 76.',
  },
  'host-side': {
    isolate: 'Code has no such way to the control plane.',
    strict: 'Code has no such way to the control plane.',
    wasm: 'What a binary asks of the host goes the same way as what other guests ask, whose attacks stand for it; its own are 54 and 55.',
    process:
      'What a program asks of the host goes the same way as what other guests ask, whose attacks stand for it; its own are 54, 55, 57, 58 and 60.',
  },
  system: {
    isolate:
      'Code has no way to name a file, a socket or another process; what would be left to it after an escape is shown on the process host, whose walls are the same.',
    strict:
      'Code has no way to name a file, a socket or another process; what would be left to it after an escape is shown on the process host, whose walls are the same.',
    wasm: 'A binary is given no function of the system; what would be left to it after an escape is shown on the process host, whose walls are the same.',
    process: 'This belongs to another kind of guest.',
  },
};

/** Why a host is not attacked in this way, in words. */
export const whyNot = (each: Case, kind: HostKind): string => each.elsewhere?.[kind] ?? reasons[each.group][kind];
