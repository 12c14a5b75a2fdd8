import { BurgeonError } from '@burgeon/kit';

/** The error of a package that is refused as a whole. `reason` names it for programs, `where` the entry or file it was found at. */
export const packageInvalid = (reason: string, message: string, where?: string): BurgeonError =>
  new BurgeonError('PACKAGE_INVALID', {
    message,
    hint: 'Nothing of it was taken in. Get it again from its publisher, and tell them.',
    data: { reason, ...(where === undefined ? {} : { where: where.slice(0, 300) }) },
  });

/** A name from outside as a message shows it. */
export const shown = (name: string): string => JSON.stringify(name.slice(0, 120));
