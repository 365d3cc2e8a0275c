import { pricesOf } from '../catch-up/prices.ts';
import { placeSources } from '../objects/source.ts';
import { readSources } from '../sql/files.ts';
import { checkStage, type StageParameters } from './stage-parameters.ts';

export { regionOf } from '../aws/region.ts';
export { alarmArns } from './alarm-names.ts';

/** What the template computes from its parameters. */
type Settings = Prices & {
  /** The prefix of each source, in the format of SPARKIFY_PREFIXES. */
  prefixes: string;
  /** The keys an EventBridge rule passes on. */
  landingKeys: { prefix: string }[];
};

/** What the dashboard multiplies by: prices where the region's are known, otherwise 1, and the titles say amounts. */
type Prices = {
  warehouseTitle: string;
  rpuHour: number;
  loaderTitle: string;
  gigabyteSecond: number;
  request: string;
};

/** Checks the parameters and returns what else the template needs. @throws LoaderError (`usage`) */
export function checkedSettings(stage: string, region: string, parameters: StageParameters): Settings {
  const released = readSources();
  checkStage(stage, region, parameters, released);
  const { sources } = placeSources(released, parameters.prefixes ?? '');
  return {
    ...dashboardPrices(region),
    prefixes: sources.map(({ name, prefix }) => `${name}=${prefix}`).join(','),
    landingKeys: sources.map(({ prefix }) => ({ prefix })),
  };
}

function dashboardPrices(region: string): Prices {
  const prices = pricesOf(region);
  if (!prices) {
    return {
      warehouseTitle: 'Warehouse, RPU-hours a day',
      rpuHour: 1,
      loaderTitle: 'Loader, GB-seconds a day',
      gigabyteSecond: 1,
      request: '0',
    };
  }
  return {
    warehouseTitle: 'Warehouse, US$ a day',
    rpuHour: prices.redshiftRpuHour,
    loaderTitle: 'Loader, US$ a day',
    gigabyteSecond: prices.lambdaGigabyteSecond,
    // Written out, because CloudWatch expressions have no exponents.
    request: prices.lambdaRequest.toFixed(7),
  };
}
