import { pricesOf } from '../catch-up/prices.ts';
import { checkStage, type StageParameters } from './stage-parameters.ts';

export { regionOf } from '../aws/region.ts';

/** What the dashboard multiplies by: prices where the region's are known, otherwise 1 and the titles say amounts. */
type DashboardTerms = {
  warehouseTitle: string;
  rpuHour: number;
  loaderTitle: string;
  gigabyteSecond: number;
  request: string;
};

/** Checks the parameters and returns what else the template needs. @throws LoaderError (`usage`) */
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
    // Written out, because CloudWatch expressions have no exponents.
    request: prices.lambdaRequest.toFixed(7),
  };
}
