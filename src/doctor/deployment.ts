/** What doctor knows of the deployment that it looks at. */
export type Deployment = {
  /** Undefined where the settings are those of the environment. */
  stage: string | undefined;
  region: string;
  /** The outputs of the stage's stack; empty without a stage. */
  outputs: Readonly<Record<string, string>>;
  /** Those outputs as variables of the environment, which the functions have too. */
  settings: Readonly<Record<string, string>>;
};

/** Why what only a stack tells could not be looked at. */
export const NO_STAGE = 'only a deployed stack tells of it: --stage NAME';

/** A command for a deployment: `npx sparkify status --stage dev`. */
export function commandFor(command: string, { stage }: Deployment): string {
  return stage === undefined ? command : `${command} --stage ${stage}`;
}

/** The command that deploys again, which mends what somebody changed by hand. */
export function deployAgain({ stage }: Deployment): string {
  return `npx serverless deploy --stage ${stage ?? 'STAGE'}`;
}

/** The full name of one of the stack's resources. */
export function nameOf(resource: string, stage: string): string {
  return `sparkify-${stage}-${resource}`;
}

/** The parts of an ARN that name a region and an account; empty where it has none. */
export function placeOf(arn: string): { region: string; account: string } {
  const [, , , region = '', account = ''] = arn.split(':');
  return { region, account };
}
