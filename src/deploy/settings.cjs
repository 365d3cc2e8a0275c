// What serverless.yml computes. The framework reads CommonJS, and ours is TypeScript, so this file only leads to it.
'use strict';

async function settings() {
  await import('../quiet-sdk.mjs');
  const { tsImport } = await import('tsx/esm/api');
  return tsImport('./settings.ts', __filename);
}

/** A mistake of the user is told in words; where our code stands when it finds it helps nobody. */
async function inWords(work) {
  try {
    return await work(await settings());
  } catch (error) {
    if (error.name === 'LoaderError') error.stack = `${error.message}\n→ ${error.hint}`;
    throw error;
  }
}

module.exports = {
  region: ({ options }) =>
    inWords(({ regionOf }) => regionOf(options.region ?? undefined, process.env, options['aws-profile'] ?? undefined)),

  checked: async ({ options, resolveVariable, resolveConfigurationProperty }) => {
    const region = await resolveVariable('self:provider.region');
    const stage = await resolveVariable('sls:stage');
    const given = await resolveConfigurationProperty(['params']);
    const names = new Set([
      ...Object.values(given).flatMap((parameters) => Object.keys(parameters)),
      ...(options.param ?? []).map((pair) => pair.split('=')[0]),
    ]);
    const parameters = {};
    for (const name of names) parameters[name] = String(await resolveVariable(`param:${name}`));
    return inWords(({ checkedSettings }) => checkedSettings(stage, region, parameters));
  },
};
