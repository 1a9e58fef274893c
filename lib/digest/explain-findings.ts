import type { DigestContent, Figure, WasteLine } from './content-model.ts';
import type { Family, Row, Rows } from './explain-rows.ts';

/** Findings that the thread of the message tells; the others are told nowhere but in the report. */
const FINDINGS = 30;

/** What was found in sums, what became of it, and what stops saved. */
export function figureRows(content: DigestContent, rows: Rows): Row[] {
  return [
    ...content.figures.flatMap((one) => rowsOfFigure(one, rows)),
    ...content.tagging.flatMap(({ coverage, source }) =>
      coverage === null ? [] : [rows.percent('Tag coverage', coverage, { source, family: 'tagging' })],
    ),
    ...content.life.flatMap(({ label, count: many, unpriced, amounts, source }) => [
      rows.count(label, many, source),
      rows.count(`${label}, with no known saving`, unpriced, source),
      ...amounts.map((each) =>
        rows.amount(`${label}, saving a month`, each, { source, family: 'ledger', basis: 'mixed' }),
      ),
    ]),
    ...(content.savings === null
      ? []
      : [
          rows.count('Stops', content.savings.stops, 'ledger: stops that were carried out'),
          rows.count(
            'Stops, not billed yet',
            content.savings.unbilled,
            'ledger: stops that were carried out',
          ),
          ...content.savings.realised.map((each) =>
            rows.amount('Saved by stops, by the bills', each, {
              source: 'bursar explain of each',
              family: 'savings',
            }),
          ),
          ...content.savings.estimated.map((each) =>
            rows.amount('Saved by stops, as estimated', each, {
              source: 'bursar explain of each',
              family: 'ledger',
              basis: 'mixed',
            }),
          ),
        ]),
  ];
}

/** Findings one by one, what was seen, and what asking cost. */
export function findingRows(content: DigestContent, rows: Rows): Row[] {
  const line = (what: string, at: number, one: WasteLine) => rowsOfLine(what, at, one, rows);
  return [
    rows.count('Wastes told', content.wastes.length, 'the dearest'),
    ...content.wastes.flatMap((one, at) => line('Waste', at, one)),
    rows.count('Findings', content.findings.length, 'findings that are open'),
    ...content.findings.slice(0, FINDINGS).flatMap((one, at) => line('Finding', at, one)),
    rows.count('Decisions needed', content.decisions.length, 'findings that wait for somebody'),
    ...content.decisions.flatMap(({ line: one }, at) => line('Decision', at, one)),
    ...content.resolved.top.flatMap((one, at) => line('Resolved', at, one)),
    rows.count(
      'Resolved',
      content.resolved.count,
      'findings: RESOLVED, last seen within the period or later',
    ),
    ...content.resolved.amounts.map((each) =>
      rows.amount('Resolved, saving a month', each, {
        source: 'findings: RESOLVED, last seen within the period or later',
        family: 'ledger',
        basis: 'mixed',
      }),
    ),
    rows.count('Scopes asked for', content.scopes.all, 'coverage of the last audit'),
    rows.count('Scopes wholly seen', content.scopes.complete, 'coverage of the last audit'),
    rows.count(
      'Scopes not wholly seen',
      content.scopes.all - content.scopes.complete,
      'coverage of the last audit',
    ),
    ...content.gaps.map(({ status, reason, scopes }) =>
      rows.count(`Scopes ${status}: ${reason}`, scopes.length, 'coverage of the last audit'),
    ),
    rows.count('Reasons why scopes were not wholly seen', content.gaps.length, 'coverage of the last audit'),
    {
      ...rows.amount('This audit and digest, API fees', content.ownCost, {
        source: 'meters of the last audit and of this digest, by price lists',
        family: 'ledger',
        basis: 'list-estimate',
      }),
      shown: rows.format.exact(content.ownCost),
    },
    rows.count(
      'This audit and digest, calls',
      content.ownCost.calls.reduce((sum, { count: calls }) => sum + calls, 0),
      'meters of the last audit and of this digest',
    ),
  ];
}

function rowsOfFigure(one: Figure, rows: Rows): Row[] {
  const family: Family =
    one.id === 'untagged' ? 'tagging' : one.id === 'commitments' ? 'commitments' : 'ledger';
  return [
    ...one.amounts.map((each) =>
      rows.amount(`${one.label}, ${one.unit}`, each, { source: one.source, family }),
    ),
    ...(one.estimated ?? []).map((each) =>
      rows.amount(`${one.label}, ${one.unit}, by list prices`, each, {
        source: one.source,
        family,
        basis: 'list-estimate',
      }),
    ),
    rows.count(`${one.label}, how many`, one.count, one.source),
    rows.count(`${one.label}, with a known amount`, one.count - one.unpriced, one.source),
    rows.count(`${one.label}, with none known`, one.unpriced, one.source),
    ...(one.zero === undefined
      ? []
      : [
          rows.count(`${one.label}, of nothing`, one.zero, one.source),
          rows.count(`${one.label}, of more than nothing`, one.count - one.unpriced - one.zero, one.source),
        ]),
  ];
}

function rowsOfLine(what: string, at: number, one: WasteLine, rows: Rows): Row[] {
  const { costBasis: basis, monthlySaving, monthlyCost, source } = one;
  const worth = monthlySaving ?? monthlyCost;
  return [
    ...(worth === null
      ? []
      : [
          rows.amount(`${what} ${at + 1}, ${monthlySaving === null ? 'cost' : 'saving'} a month`, worth, {
            source,
            family: 'ledger',
            basis,
          }),
        ]),
    rows.count(`${what} ${at + 1}, days since it was first seen`, one.ageDays, source),
  ];
}
