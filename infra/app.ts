/** The app of a checkout, which cdk.json names: what it synthesises is looked at by cdk-nag, too. */
import { checked } from './nag.ts';
import { synthesise } from './synthesise.ts';

await synthesise(checked);
