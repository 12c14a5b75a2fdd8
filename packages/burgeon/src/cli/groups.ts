/** Headings under which help lists the commands. */
export const groups = {
  start: 'Start:',
  grow: 'Grow modules:',
  use: 'Use them:',
  approve: 'Approve:',
  keep: 'Look after them:',
  doors: 'Open doors:',
  about: 'About this machine:',
} as const;
