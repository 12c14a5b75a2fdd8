import type { Interface, JsonObject, JsonValue, Operation } from '@burgeon/kit';
import { createValidator } from '../../packages/burgeon/src/interface/validate.ts';
import { createSynthesiser } from '../../packages/burgeon/src/mirror/synthesise/synthesiser.ts';
import type { EjectedClient } from './ejected-client.ts';

/** What came of calling every operation once. */
export interface Exercise {
  requests: { asked: number; accepted: number; failures: string[] };
  answers: { answered: number; conform: number; failed: number; failures: string[] };
}

/** Nothing called yet. */
export const noExercise = (): Exercise => ({
  requests: { asked: 0, accepted: 0, failures: [] },
  answers: { answered: 0, conform: 0, failed: 0, failures: [] },
});

const isDocumented = ({ errors }: Operation, status: number): boolean =>
  errors.some(({ code }) => code === String(status) || code === 'default' || code === `${Math.floor(status / 100)}XX`);

/** Calls every operation through the ejected client against a mirror that enforces the description, and validates what comes back. */
export const exercise = async (description: Interface, client: EjectedClient): Promise<Exercise> => {
  const validator = createValidator(description.types);
  const synthesiser = createSynthesiser({ types: description.types, seed: 7, validator });
  const { requests, answers } = noExercise();
  for (const operation of description.operations) {
    const input = synthesiser.value(operation.input, { salt: operation.id, direction: 'request' }) as JsonObject;
    // No value satisfies some contradictory schemas: there is nothing to ask with.
    if (validator.check(operation.input, input, { direction: 'request' }).length > 0) continue;
    requests.asked += 1;
    try {
      const { output, stream } = await client.call(operation.id, input);
      const items: JsonValue[] = [];
      if (stream) for await (const item of stream) items.push(item);
      requests.accepted += 1;
      answers.answered += 1;
      const [issue] = validator.check(operation.output, stream ? items : output, { direction: 'response' });
      if (issue) answers.failures.push(`${operation.id} ${issue.path} ${issue.message}`);
      else answers.conform += 1;
    } catch (error) {
      const status = (error as { status?: number }).status;
      // A record that is not there is an honest answer, when the description knows it.
      if (status === 404 && isDocumented(operation, status)) requests.accepted += 1;
      else requests.failures.push(`${operation.id} ${(error as Error).message}`.slice(0, 200));
      if (status !== undefined && status >= 500) answers.failed += 1;
    }
  }
  return { requests, answers };
};
