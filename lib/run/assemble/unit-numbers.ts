import type { Config, DailyNumberConfig } from '../../config/schema.ts';
import { SIDES } from '../units/read.ts';

/** Every number of every unit of the config, with where it stands there. */
export function dailyNumbers({
  units,
}: Pick<Config, 'units'>): { readonly where: string; readonly number: DailyNumberConfig }[] {
  return units.flatMap((unit) =>
    (['metric', ...SIDES] as const).flatMap((name) => {
      const number = unit[name];
      return number === undefined ? [] : [{ where: `units ${unit.name} ${name}`, number }];
    }),
  );
}

/** Files of units that lie on a disk: a deployed function has none of them. */
export function localUnitFiles(config: Pick<Config, 'units'>): { where: string; path: string }[] {
  return dailyNumbers(config).flatMap(({ where, number }) =>
    number.type === 'csv' && !number.path.startsWith('s3://') ? [{ where, path: number.path }] : [],
  );
}
