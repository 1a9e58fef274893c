import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alertId, stepAlert } from '../../../lib/ledger/alerts/decide.ts';
import type { AlertEvent } from '../../../lib/ledger/alerts/model.ts';
import { changeAlert, forgetClosed, listAlerts, readAlert } from '../../../lib/ledger/alerts/store.ts';
import type { LedgerStore } from '../../../lib/ledger/model.ts';
import type { Bench } from '../contract.ts';
import { ANA, BEN, CAUSE, facts, T0, told } from './fixtures.ts';

const id = alertId('one');
const seen = { type: 'seen', id, facts: facts() } as const;

const apply = (on: LedgerStore, of: string, event: AlertEvent, now = T0) =>
  changeAlert(on, of, (alert) => stepAlert(alert, event, now, CAUSE));

const after = (days: number) => new Date(T0.getTime() + days * 86_400_000);

/** What alerts keep to over every ledger store. */
export function alertContract(name: string, makeBench: () => Promise<Bench>): void {
  describe(`alerts in the ledger: ${name}`, () => {
    let bench: Bench;
    let store: LedgerStore;
    let other: LedgerStore;
    beforeAll(async () => {
      bench = await makeBench();
    });
    beforeEach(async () => {
      ({ store, other } = await bench.open());
    });
    afterAll(async () => {
      await bench.close();
    });

    it('knows none at first, and gives back what was written on every connection', async () => {
      expect(await listAlerts(store)).toEqual([]);
      expect(await readAlert(store, id)).toBeNull();
      const done = await apply(store, id, seen);
      expect(done.taken && (await readAlert(other, id))).toEqual(done.taken && done.alert);
      expect(await listAlerts(other)).toEqual([await readAlert(store, id)]);
    });

    it('two that write at once: each writes over what the other wrote, and nothing is lost', async () => {
      await apply(store, id, seen);
      const many = Array.from({ length: 6 }, (_, n) =>
        apply(n % 2 === 0 ? store : other, id, { type: 'told', told: told({ round: n, ts: `${n}` }) }),
      );
      await Promise.all(many);
      const alert = await readAlert(store, id);
      expect(alert?.told.map(({ ts }) => ts).toSorted()).toEqual(['0', '1', '2', '3', '4', '5']);
      expect(alert?.history).toHaveLength(7);
    });

    it('two answers at once: one counts, the other is told of it', async () => {
      await apply(store, id, seen);
      const [a, b] = await Promise.all([
        apply(store, id, { type: 'expected', by: ANA }),
        apply(other, id, { type: 'expected', by: BEN }),
      ]);
      expect([a, b].filter(({ taken }) => taken)).toHaveLength(1);
      expect((await readAlert(store, id))?.by?.person).toEqual(a.taken ? ANA : BEN);
    });

    it('many that are new at once are all listed', async () => {
      const ids = Array.from({ length: 8 }, (_, n) => alertId(`${n}`));
      await Promise.all(
        ids.map((each, n) => apply(n % 2 === 0 ? store : other, each, { ...seen, id: each })),
      );
      expect((await listAlerts(store)).map((alert) => alert.id)).toEqual(ids.toSorted());
    });

    it('what is closed is listed for ninety days, and listed again when it comes back', async () => {
      await apply(store, id, seen);
      await apply(store, id, { type: 'over', reason: 'it ended' });
      await forgetClosed(store, await listAlerts(store), after(89));
      expect(await listAlerts(store)).toHaveLength(1);
      await forgetClosed(store, await listAlerts(store), after(91));
      expect(await listAlerts(store)).toEqual([]);
      expect((await readAlert(store, id))?.state).toBe('closed');
      await apply(store, id, { type: 'seen', id, facts: facts({ lastDay: '2027-02-20' }) }, after(100));
      expect((await listAlerts(store)).map(({ state, round }) => ({ state, round }))).toEqual([
        { state: 'open', round: 2 },
      ]);
    });

    it('what a newer version wrote stays as it is, and is told', async () => {
      await apply(store, id, seen);
      await bench.makeNewerDoc(`alert/${id}`);
      await expect(apply(store, id, { type: 'over', reason: 'x' })).rejects.toMatchObject({
        code: 'conflict',
      });
    });
  });
}
