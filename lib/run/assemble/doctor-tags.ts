import { knownOf, requiredKeys, requiredOf } from '../../checks/index.ts';
import { type Snapshot, scopeName } from '../../estate/model.ts';
import type { Examined } from './examined.ts';

/** Keys that the config asks for and the payer has not activated: resources may carry them, and no bill shows it. */
export function inactiveKeys({ scope, resources }: Snapshot, untagged: unknown): Examined[] {
  const name = scopeName(scope);
  const { activation } = knownOf([{ name, resources }]);
  if (activation === null) return [];
  const inactive = requiredKeys(requiredOf(untagged)).filter((key) => activation.get(key) !== 'Active');
  const listed = inactive.map(
    (key) => `${JSON.stringify(key)} (${activation.has(key) ? 'inactive' : 'not listed'})`,
  );
  return [
    inactive.length === 0
      ? {
          what: 'cost allocation tags',
          state: 'works',
          told: 'every key that the config names is active',
          todo: null,
        }
      : {
          what: 'cost allocation tags',
          state: 'fails',
          told: `no bill of ${name} shows ${listed.join(', ')}`,
          todo: 'Activate them in Billing and Cost Management, "Cost allocation tags"; bills show them from then on.',
        },
  ];
}
