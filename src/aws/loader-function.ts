import {
  GetEventSourceMappingCommand,
  InvokeCommand,
  LambdaClient,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { translateException } from './translate.ts';

/** AWS is changing the mapping, or somebody else is. */
const BUSY = /ResourceInUse|ResourceConflict/;

/** An event source mapping that feeds the loader. */
export class LoaderMapping {
  readonly #client: LambdaClient;
  readonly #uuid: string;

  constructor(client: LambdaClient, uuid: string) {
    this.#client = client;
    this.#uuid = uuid;
  }

  /**
   * Sees to it that the mapping is enabled or disabled, and changes it only when it is not. False while it is being changed.
   * https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html
   * @throws LoaderError
   */
  async turn(on: boolean): Promise<boolean> {
    try {
      const { State = '' } = await this.#client.send(new GetEventSourceMappingCommand({ UUID: this.#uuid }));
      if ((on ? ['Enabled', 'Enabling'] : ['Disabled', 'Disabling']).includes(State)) return true;
      if (State !== 'Enabled' && State !== 'Disabled') return false;
      await this.#client.send(new UpdateEventSourceMappingCommand({ UUID: this.#uuid, Enabled: on }));
      return true;
    } catch (error) {
      if (error instanceof Error && BUSY.test(error.name)) return false;
      throw translateException(error, `switching loads ${on ? 'on' : 'off'}`);
    }
  }
}

/** A client that waits so long for an answer, and repeats no question that timed out: the loader may still be asking. */
export function impatientLambda(timeoutMs: number): LambdaClient {
  const requestHandler = { requestTimeout: timeoutMs, throwOnRequestTimeout: true };
  return new LambdaClient({ maxAttempts: 1, requestHandler });
}

/**
 * Asks the loader, by its name or ARN, whether its ledger answers. Gives its answer, JSON, which is a report of the error when the
 * function failed.
 * @throws LoaderError
 */
export async function askLoader(client: LambdaClient, functionName: string): Promise<string> {
  try {
    const Payload = JSON.stringify({ probe: true });
    const { Payload: answer } = await client.send(new InvokeCommand({ FunctionName: functionName, Payload }));
    return answer?.transformToString() ?? '';
  } catch (error) {
    throw translateException(error, 'asking the loader whether the warehouse answers');
  }
}
