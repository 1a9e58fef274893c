import { expect, test } from 'vitest';
import type { PageSeries } from '../../lib/digest/page-model.ts';
import { evidenceOption, gridOf, timeText } from '../../lib/page/evidence.ts';
import { legendHeight } from '../../lib/page/legend.ts';
import type { Theme } from '../../lib/page/theme.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-09T08:00:00Z');
const THEME: Theme = {
  ink: '#000',
  soft: '#111',
  line: '#222',
  card: '#333',
  accent: '#444',
  pale: '#555',
  up: '#666',
  down: '#777',
  warn: '#888',
  font: 'serif',
};

function series(changes: Partial<PageSeries> = {}): PageSeries {
  return {
    what: 'gpu-utilization, maximum',
    name: 'device 0',
    unit: 'percent',
    source: 'CWAgent',
    start: START,
    step: HOUR,
    values: [1, null, 0],
    top: null,
    ...changes,
  };
}

test('series that begin at different times lie on one grid; gaps stay gaps', () => {
  const { times, lines } = gridOf([series(), series({ start: START + 2 * HOUR, values: [5, 6] })]);
  expect(times.map(timeText)).toEqual(['11-09 08:00', '11-09 09:00', '11-09 10:00', '11-09 11:00']);
  expect(lines).toEqual([
    [1, null, 0, null],
    [null, null, 5, 6],
  ]);
  expect(gridOf([])).toEqual({ times: [], lines: [] });
});

test('a percentage next to nothing is not stretched to fill the picture', () => {
  expect(evidenceOption([series()], [], THEME, 600)['yAxis']).toMatchObject({ min: 0, max: 10 });
  expect(evidenceOption([series({ values: [80] })], [], THEME, 600)['yAxis']).not.toHaveProperty('max');
  expect(evidenceOption([series({ unit: 'MiB', top: 16_384 })], [], THEME, 600)['yAxis']).toMatchObject({
    max: 16_384,
  });
});

test('a legend that wraps takes its lines from the picture and none from the axis', () => {
  const names = Array.from({ length: 4 }, (_, at) => `device ${at}`);
  expect([1000, 310, 90].map((width) => legendHeight(names, width))).toEqual([24, 48, 96]);
  expect(legendHeight(['a name that is wider than all of the picture'], 50)).toBe(24);
  const top = (width: number) => {
    const { grid } = evidenceOption(
      names.map((name) => series({ name })),
      [],
      THEME,
      width,
    );
    return grid;
  };
  expect([top(1000), top(310)]).toMatchObject([{ top: 36 }, { top: 60 }]);
});
