import { awsError } from '../../platform/aws-errors.ts';
import { BursarError } from '../../platform/errors.ts';

/**
 * What a failed question to Cost Explorer means to the reader, and what to do: Cost Explorer's own errors (API reference,
 * GetCostAndUsage, "Errors"), then those of every AWS service. A defect is given back as it is.
 */
export function costExplorerError(error: unknown, action: string, where: string): unknown {
  if (!(error instanceof Error)) return error;
  const told = (code: BursarError['code'], what: string, hint: string) =>
    new BursarError(code, `${what}: ${error.message}`, { where, hint, cause: error });
  switch (error.name) {
    case 'AccessDeniedException':
      // The same name covers a missing IAM right and Cost Explorer that is switched off for the account.
      return told(
        'denied',
        `${action} was denied`,
        `Allow ${action} to the role that reads this account, and see that Cost Explorer is enabled and open to linked accounts (Cost Management preferences of the management account).`,
      );
    case 'DataUnavailableException':
      return told(
        'unavailable',
        'Cost Explorer has no data yet',
        'Enable Cost Explorer in the Billing and Cost Management console, and look again a day later.',
      );
    case 'BillExpirationException':
    case 'ValidationException':
      return told('input', 'Cost Explorer refused the period', 'Ask for fewer billing periods (months).');
    case 'InvalidNextTokenException':
    case 'RequestChangedException':
      return told(
        'unavailable',
        'Cost Explorer lost its place between two pages',
        'Run again: nothing of this run was kept.',
      );
    default:
      return awsError(error, { action, where }) ?? error;
  }
}
