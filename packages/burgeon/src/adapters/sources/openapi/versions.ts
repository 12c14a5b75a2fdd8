import { BurgeonError } from '@burgeon/kit';
import { isObject } from '../../../base/json.ts';
import { type Node, type Report, type Version, member } from './reading.ts';

/**
 * Decides which dialect a description speaks. Versions lie: numbers, partial versions and versions under the wrong key are taken for what
 * they mean, and a missing one is guessed from the idioms.
 * @throws {BurgeonError} SOURCE_INVALID when it is certainly another kind of document
 */
export const versionOf = (root: Node, report: (report: Report) => void): Version => {
  refuseOthers(root);
  const key = Object.hasOwn(root, 'openapi') ? 'openapi' : 'swagger';
  const said = member(root, key);
  if (typeof said !== 'string' && typeof said !== 'number') {
    const version = hasOldIdioms(root) ? '2.0' : '3.0';
    report({
      code: 'version-missing',
      message: `The description does not say its version; it is read as ${version}.`,
      place: '',
    });
    return version;
  }
  const [version, exact] = match(String(said).trim().replace(/^v/i, ''), key);
  if (!exact || typeof said === 'number') {
    report({ code: 'version-coerced', message: `${key}: ${JSON.stringify(said)} is read as ${version}.`, place: `/${key}` });
  }
  return version;
};

const match = (said: string, key: string): [version: Version, exact: boolean] => {
  if (/^2(\.|$)/.test(said)) return ['2.0', said === '2.0' && key === 'swagger'];
  const minor = /^3\.([0-2])(\.|$)/.exec(said)?.[1];
  if (minor !== undefined) return [`3.${minor}` as Version, /^3\.[0-2]\.\d+(-.+)?$/.test(said) && key === 'openapi'];
  if (said === '3') return ['3.0', false];
  return [/^[3-9]/.test(said) ? '3.2' : '2.0', false];
};

const hasOldIdioms = (root: Node): boolean =>
  ['definitions', 'host', 'basePath', 'securityDefinitions'].some((key) => Object.hasOwn(root, key));

const refuseOthers = (root: Node): void => {
  const other = (message: string, hint: string): never => {
    throw new BurgeonError('SOURCE_INVALID', { message, hint, data: { path: '' } });
  };
  if (Object.hasOwn(root, 'asyncapi'))
    other('This is an AsyncAPI document, not an OpenAPI one.', 'Name the source: --source asyncapi.');
  if (Object.hasOwn(root, 'swaggerVersion')) {
    other(
      'This is a Swagger 1.x document; it spreads over several files.',
      'Convert it to OpenAPI 3 first, for example with api-spec-converter.',
    );
  }
  const parts = ['paths', 'webhooks', 'components', 'definitions'];
  const named = Object.hasOwn(root, 'openapi') || Object.hasOwn(root, 'swagger');
  if (!parts.some((key) => isObject(member(root, key))) && !(named && parts.some((key) => Object.hasOwn(root, key)))) {
    const keys = Object.keys(root).slice(0, 8).join(', ');
    other(
      `The document has no "paths", "webhooks" or "components"; it has: ${keys || 'nothing'}.`,
      'Point at an OpenAPI 2.0, 3.0, 3.1 or 3.2 description. A part of one can only be read through the document that refers to it.',
    );
  }
};
