/** Who is meant by the variables of the environment that put a stand-in into its place, for a deployment to a local cloud. */
export const STOOD_IN_FOR = { AWS_ENDPOINT_URL: 'AWS', SLACK_API_URL: 'Slack' } as const;

/** Addresses of stand-ins that the functions are to ask, by variable; empty where they ask AWS and Slack. */
export function standIns(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.keys(STOOD_IN_FOR).flatMap((name) => {
      const address = process.env[name] ?? '';
      return address === '' ? [] : [[name, address] as const];
    }),
  );
}
