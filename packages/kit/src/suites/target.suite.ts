import type { Target, TargetOptions } from '../contracts/target.ts';
import { BurgeonError } from '../errors.ts';
import type { Interface } from '../interface.ts';
import type { BundleFile } from '../manifest.ts';
import type { SuiteRunner } from './check.suite.ts';

/** What {@link targetSuite} needs. */
export interface TargetSuiteOptions {
  target: Target;
  /** Interfaces to write, by name; of different kinds, with and without operations. */
  interfaces: Record<string, Interface>;
}

const forms: TargetOptions['form'][] = ['stub', 'standalone'];

/** The files, or the code of a refusal. */
const written = async (target: Target, description: Interface, form: TargetOptions['form']): Promise<BundleFile[] | string> => {
  try {
    return await target.write(description, { module: 'api/example', version: '1.2.3', form });
  } catch (error) {
    return BurgeonError.is(error) ? error.code : 'no error of ours';
  }
};

const isInside = (path: string): boolean =>
  path !== '' &&
  !path.startsWith('/') &&
  !/^[a-z]:|\\|\0/i.test(path) &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

/** A copy that shares nothing with the original. */
const copied = (description: Interface): Interface => JSON.parse(JSON.stringify(description)) as Interface;

/**
 * What every target must keep: the same interface gives the same bytes, paths stay inside the folder and are unique, texts are well-formed
 * Unicode, the interface is left as it was, and what cannot be written is refused as UNSUPPORTED.
 */
export const targetSuite = ({ describe, it, expect }: SuiteRunner, { target, interfaces }: TargetSuiteOptions): void =>
  describe(`target ${target.name}`, () => {
    for (const [name, description] of Object.entries(interfaces)) {
      for (const form of forms) {
        it(`writes ${name} (${form}) inside its folder, or refuses`, async () => {
          const files = await written(target, description, form);
          if (typeof files === 'string') return expect(files).toBe('UNSUPPORTED');
          expect(files.length > 0).toBe(true);
          expect(files.filter(({ path }) => !isInside(path))).toEqual([]);
          expect(new Set(files.map(({ path }) => path.toLowerCase())).size).toBe(files.length);
          expect(files.filter(({ text }) => !text.isWellFormed()).map(({ path }) => path)).toEqual([]);
        });

        it(`writes ${name} (${form}) the same each time`, async () => {
          const before = JSON.stringify(description);
          expect(await written(target, copied(description), form)).toEqual(await written(target, description, form));
          expect(JSON.stringify(description)).toBe(before);
        });
      }
    }
  });
