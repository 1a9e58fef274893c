/** Read, whatever their names begin with (Service Authorization Reference, access level Read). */
const READS = new Set(['aoss:BatchGetCollection', 'cloudtrail:LookupEvents', 'sagemaker:Search']);

/** May this IAM action change something in an account, as far as its name tells? */
export function changes(action: string): boolean {
  return !/:(Describe|Get|List)/.test(action) && !READS.has(action);
}
