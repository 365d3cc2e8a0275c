// The bridge from serverless.yml, which needs CommonJS, to the TypeScript that computes its settings.
'use strict';

async function settings() {
  await import('../quiet-sdk.mjs');
  const { tsImport } = await import('tsx/esm/api');
  return tsImport('./settings.ts', __filename);
}

/** Replaces the stack trace of a user's mistake by message and hint. */
async function withReadableErrors(work) {
  try {
    return await work(await settings());
  } catch (error) {
    if (error.name === 'LoaderError') error.stack = `${error.message}\n→ ${error.hint}`;
    throw error;
  }
}

module.exports = {
  alarmArns: () => withReadableErrors(({ alarmArns }) => alarmArns()),

  region: ({ options }) =>
    withReadableErrors(({ regionOf }) =>
      regionOf(options.region ?? undefined, process.env, options['aws-profile'] ?? undefined),
    ),

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
    return withReadableErrors(({ checkedSettings }) => checkedSettings(stage, region, parameters));
  },
};
