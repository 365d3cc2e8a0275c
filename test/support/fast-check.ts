import fc from 'fast-check';
import { SEED } from './seed.ts';

fc.configureGlobal({ seed: SEED });

/** fast-check, whose properties are of the tests' one seed unless they name another. */
export default fc;
