/** Id of the source that names Google's billing accounts; it comes with `estate.gcp` and not from `sources`. */
export const GCP_BILLING = 'gcp-billing';
