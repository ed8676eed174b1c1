/** What the repository as a whole promises: a short top level, exact versions, documents whose links lead somewhere. */
import { describe, expect, it } from 'vitest';
import { linkTarget, projectHas, projectPaths, readProjectFile } from './support/source-files.ts';

const TOP_LEVEL = [
  ...['src', 'jobs', 'test', 'config', 'README.md', 'LICENSE'],
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'Dockerfile', 'compose.yaml'],
];

const paths = projectPaths();
const documents = paths.filter((path) => path.endsWith('.md'));
const texts = paths
  .filter((path) => path !== 'package-lock.json' && path !== 'test/project.test.ts')
  .map((path) => ({ path, text: readProjectFile(path) }));
const manifest: {
  scripts: Record<string, string>;
  bin: Record<string, string>;
} & Record<string, Record<string, string>> = JSON.parse(readProjectFile('package.json'));

describe('the top level', () => {
  it('holds what a newcomer looks for and nothing else', () => {
    const names = new Set(paths.map((path) => path.split('/')[0] ?? ''));
    const offences = [...names]
      .filter((name) => !name.startsWith('.') && !TOP_LEVEL.includes(name))
      .map((name) => `${name}: move it into src, jobs, test or config, or make it a dot-file`);
    expect(offences).toEqual([]);
    expect(TOP_LEVEL.filter((name) => !names.has(name))).toEqual([]);
  });
});

describe('package.json', () => {
  it('names exact versions', () => {
    const offences = ['dependencies', 'devDependencies', 'overrides', 'optionalDependencies']
      .flatMap((kind) => Object.entries(manifest[kind] ?? {}))
      .filter(([name, version]) => !/^\d+\.\d+\.\d+$/.test(version) && !isNodeForAPlatform(name))
      .map(([name, version]) => `${name} ${version}: write the exact version, x.y.z`);
    expect(offences).toEqual([]);
  });

  it('starts only files that exist', () => {
    const named = Object.values(manifest.scripts).flatMap(
      (script) => script.match(/\S+\/\S+\.[jt]s\b/g) ?? [],
    );
    const missing = [...named, ...Object.values(manifest.bin)].filter((path) => !projectHas(path));
    expect(missing).toEqual([]);
  });
});

describe('every text', () => {
  it('names no path of somebody’s machine', () => {
    const own = /(?<![\w.:/~$})-])\/(?:home|Users|root|work|farm)\/(?!node\b)[\w.-]+/;
    expect(found(own, 'write the path from the top level, or take it from the environment')).toEqual([]);
  });

  it('leaves nothing for later', () => {
    expect(found(/\b(?:TODO|FIXME|XXX|HACK|TBD)\b/, 'do it, or leave it out')).toEqual([]);
  });
});

describe('the documents', () => {
  it('link to files and headings that exist', () => {
    expect(documents.flatMap(brokenLinks)).toEqual([]);
  });

  it('name npm scripts that exist', () => {
    const offences = documents.flatMap((path) =>
      [...readProjectFile(path).matchAll(/\bnpm run ([\w:-]+)/g)]
        .map((match) => match[1] ?? '')
        .filter((name) => !(name in manifest.scripts))
        .map((name) => `${path} names "npm run ${name}": package.json has no such script`),
    );
    expect(offences).toEqual([]);
  });

  it('are there', () => {
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'config/README.md', 'jobs/README.md']));
  });
});

/** These carry Node itself; not every platform has every version, so they are ranges, pinned by the lock file. */
function isNodeForAPlatform(name: string): boolean {
  return /^node-(?:bin-)?(?:linux|darwin|win)-/.test(name) && name in (manifest.optionalDependencies ?? {});
}

function found(pattern: RegExp, instead: string): string[] {
  return texts.flatMap(({ path, text }) => {
    const match = text.match(pattern);
    return match === null ? [] : [`${path} has "${match[0]}": ${instead}`];
  });
}

function brokenLinks(document: string): string[] {
  const text = readProjectFile(document).replace(/```[\s\S]*?```|`[^`\n]*`/g, '');
  return [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)]
    .map((match) => match[1] ?? '')
    .filter((link) => !/^[a-z][a-z0-9+.-]*:/i.test(link) && !leadsSomewhere(document, link))
    .map((link) => `${document} links to ${link}: there is no such file or heading`);
}

function leadsSomewhere(document: string, link: string): boolean {
  const [file = '', heading] = link.split('#');
  const target = file === '' ? document : linkTarget(document, file);
  if (!projectHas(target)) return false;
  return heading === undefined || !target.endsWith('.md') || headingsOf(target).has(heading);
}

/** Anchors as GitHub makes them from headings. */
function headingsOf(document: string): Set<string> {
  const text = readProjectFile(document).replace(/```[\s\S]*?```/g, '');
  const anchors = new Set<string>();
  for (const [, title = ''] of text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const anchor = title
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    let unique = anchor;
    for (let n = 1; anchors.has(unique); n += 1) unique = `${anchor}-${n}`;
    anchors.add(unique);
  }
  return anchors;
}
