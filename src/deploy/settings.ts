import { pricesOf } from '../catch-up/prices.ts';
import { checkStage, type StageParameters } from './stage-parameters.ts';

export { regionOf } from '../aws/region.ts';

/** What the dashboard reckons with: dollars where the region's prices are known, else the amounts that are charged for. */
type DashboardTerms = {
  warehouseTitle: string;
  rpuHour: number;
  loaderTitle: string;
  gigabyteSecond: number;
  request: string;
};

/** What the template needs beside its parameters, once they are found to be right. @throws LoaderError (`usage`) */
export function checkedSettings(stage: string, region: string, parameters: StageParameters): DashboardTerms {
  checkStage(stage, region, parameters);
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
