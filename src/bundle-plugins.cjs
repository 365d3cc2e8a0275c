/**
 * What esbuild does to the functions beside its settings in bundle.json: of the package.json that each client of the SDK imports for
 * its user agent, only the version goes into the bundle.
 */
const versionOnly = {
  name: 'version-only',
  setup(build) {
    build.onLoad({ filter: /[\\/]@aws-sdk[\\/][^\\/]+[\\/]package\.json$/ }, async ({ path }) => {
      const { readFile } = await import('node:fs/promises');
      const { version } = JSON.parse(await readFile(path, 'utf8'));
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

module.exports = [versionOnly];
