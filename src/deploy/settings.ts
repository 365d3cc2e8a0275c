import { pricesOf } from '../catch-up/prices.ts';
import { placeSources } from '../objects/source.ts';
import { readSources } from '../sql/files.ts';
import { checkStage, type StageParameters } from './stage-parameters.ts';

export { regionOf } from '../aws/region.ts';

/** What the template computes from its parameters. */
type Settings = Prices & {
  /** Where each source lies, as SPARKIFY_PREFIXES says it. */
  prefixes: string;
  /** The keys an EventBridge rule passes on. */
  landingKeys: { prefix: string }[];
};

/** What the dashboard multiplies by: dollars where the region's prices are known, else the amounts that are charged for. */
type Prices = {
  warehouseTitle: string;
  rpuHour: number;
  loaderTitle: string;
  gigabyteSecond: number;
  request: string;
};

/** What the template needs beside its parameters, once they are found to be right. @throws LoaderError (`usage`) */
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
    // Written out: expressions of CloudWatch know no exponent.
    request: prices.lambdaRequest.toFixed(7),
  };
}
