/** Id of the source that names Google's billing accounts; it comes with `estate.gcp` and not from `sources`. */
export const GCP_BILLING = 'gcp-billing';

/** Id of the digest that the config's `digest` itself describes, among those that are sent on a schedule. */
export const DIGEST = 'main';
