import type { Verdicts } from './verdicts.ts';
import type { Workbench } from './workbench.ts';

/** A workbench that runs no check again whose verdict is known. Closing it closes the verdicts too. */
export const remembering = (workbench: Workbench, verdicts: Verdicts): Workbench => ({
  ...workbench,
  judge: async (candidate, parts, checked, known = []) => {
    if (!parts.includes('check')) return workbench.judge(candidate, parts, checked, known);
    const judged = { candidate, stamps: await workbench.stamps(candidate.manifest) };
    const remembered = await verdicts.known(judged);
    const judgement = await workbench.judge(candidate, parts, checked, [...known, ...remembered]);
    await verdicts.keep(judged, judgement.checks);
    return judgement;
  },
  close: async () => {
    await Promise.all([workbench.close(), verdicts.close()]);
  },
});
