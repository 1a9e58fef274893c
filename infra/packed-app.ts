/** The app of the package: `cdk --app "npx bursar-cdk"`. */
import { synthesise } from './synthesise.ts';

await synthesise();
