/** Images for modules that are programs: what a container finds in place of the machine's own files. */
import { BurgeonError, type Interface, type Target, type TargetOptions, defineTarget } from '@burgeon/kit';
import { lintDockerfile } from './lint.ts';

/** Bases by language: an argument, so that a digest can be put in its place. `scratch` is empty. */
const bases = [
  { stage: 'python', argument: 'PYTHON_IMAGE', image: 'python:3.14.2-slim-trixie' },
  { stage: 'node', argument: 'NODE_IMAGE', image: 'node:26.10.0-trixie-slim' },
  { stage: 'binary', argument: undefined, image: 'scratch' },
] as const;

/** The user that programs are everywhere: nobody. */
const user = '65534:65534';

/** One line without anything that a comment or a quoted text could end with. */
const plain = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .slice(0, 300);

/** As a text between quotes, in which a dollar would begin a variable. */
const quoted = (text: string): string =>
  `"${plain(text)
    .toWellFormed()
    .replaceAll(/[\\"$`]/g, '\\$&')}"`;

const stageOf = (
  { stage, argument, image }: (typeof bases)[number],
  description: Interface,
  { module, version }: TargetOptions,
): string[] => {
  const labels = Object.entries({
    title: module,
    version,
    description: description.description ?? description.title ?? description.name,
  }).map(([name, value]) => `org.opencontainers.image.${name}=${quoted(value)}`);
  return [
    `FROM ${argument === undefined ? image : `\${${argument}}`} AS ${stage}`,
    `LABEL ${labels.join(' \\\n      ')}`,
    'COPY --chmod=555 . /burgeon/module/',
    'WORKDIR /',
    'HEALTHCHECK NONE',
    'STOPSIGNAL SIGKILL',
    `USER ${user}`,
    '',
  ];
};

const dockerfileOf = (description: Interface, options: TargetOptions): string => {
  const name = options.module.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'module';
  return [
    `# Images of ${plain(options.module)} ${plain(options.version)}, one for each language; the folder of the module is the context:`,
    '#',
    `#   docker build --file Dockerfile --target python --tag ${name} FOLDER`,
    `#   docker export "$(docker create ${name} x)" | tar -x -C ROOTFS`,
    '#',
    '# The program is started by Burgeon, in the files of the image, with the signed module over what is copied here; so there is no command. A build',
    '# that must repeat names its base by digest: --build-arg PYTHON_IMAGE=python@sha256:...',
    '',
    ...bases.flatMap(({ argument, image }) => (argument === undefined ? [] : [`ARG ${argument}=${image}`])),
    '',
    ...bases.flatMap((base) => stageOf(base, description, options)),
  ].join('\n');
};

const ignored = ['.*', 'Dockerfile', 'node_modules', '**/__pycache__', '**/*.pyc', ''].join('\n');

/** Writes a Dockerfile for a module with code of its own, which has passed {@link lintDockerfile}. */
export const dockerfile: Target = defineTarget({
  name: 'dockerfile',
  write: async (description, options) => {
    if (description.source.kind !== 'module')
      throw new BurgeonError('UNSUPPORTED', {
        message: `${options.module} has no code of its own that an image could hold.`,
        hint: 'Images are for modules with "host": "process".',
      });
    const text = dockerfileOf(description, options);
    const [fault] = lintDockerfile(text);
    if (fault) throw new BurgeonError('INTERNAL', { message: `The Dockerfile that was written is faulty: ${fault.message}` });
    return [
      { path: 'Dockerfile', text },
      { path: '.dockerignore', text: ignored },
    ];
  },
});
