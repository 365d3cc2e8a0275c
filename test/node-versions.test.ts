import { readFileSync } from 'node:fs';

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
const settings = JSON.parse(read('package.json')) as {
  engines: { node: string };
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};
const oldest = /^>=(\d+\.\d+)$/.exec(settings.engines.node)?.[1] ?? 'unknown';

describe('the oldest Node that is supported', () => {
  test('is the one whose types the code is checked against', () => {
    expect(settings.devDependencies['@types/node']).toMatch(new RegExp(`^${oldest.replace('.', '\\.')}\\.`));
  });

  test('can read the bundle', () => {
    expect((JSON.parse(read('src/bundle.json')) as { target: string }).target).toBe(`node${oldest}`);
  });

  test('is the one that the README asks for', () => {
    expect(read('README.md')).toContain(`Node ${oldest} or newer`);
  });

  test('runs every package that is asked for', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { engines?: { node?: string } }>;
    };
    const newer = Object.keys({ ...settings.dependencies, ...settings.devDependencies }).filter((name) => {
      const ranges = packages[`node_modules/${name}`]?.engines?.node?.split('||') ?? [];
      return ranges.length > 0 && ranges.every((range) => Number(/\d+/.exec(range)?.[0]) > Number.parseInt(oldest));
    });
    expect(newer).toEqual([]);
  });
});
