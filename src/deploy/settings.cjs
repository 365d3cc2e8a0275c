// The bridge from serverless.yml, which needs CommonJS, to the TypeScript that computes its settings.
'use strict';

const { readdirSync, readFileSync } = require('node:fs');

async function settings() {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
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

/** The names of the alarms in alarms*.yml that every stack has, without the stage. */
function alarmNames() {
  return readdirSync(__dirname)
    .filter((file) => /^alarms.*\.yml$/.test(file))
    .flatMap((file) => readFileSync(`${__dirname}/${file}`, 'utf8').split(/^ {2}(?=\w+:$)/m))
    .filter((resource) => !/^ {4}Condition:/m.test(resource))
    .flatMap((resource) => /^ {6}AlarmName: sparkify-\$\{sls:stage\}-(\S+)$/m.exec(resource)?.[1] ?? []);
}

module.exports = {
  alarmArns: () =>
    alarmNames()
      .map((name) => `"\${AlarmArn}-${name}"`)
      .join(', '),

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
