import { describe, expect, it } from 'vitest';
import type { FindingState } from '../../../lib/ledger/model.ts';
import { canaryKey, canaryStanding, takeCanary } from '../../../lib/run/sweep/canary.ts';
import { capsKey, givePlaceBack, roomUnderCaps, takePlace } from '../../../lib/run/sweep/caps.ts';
import { noteEnded, noteStopped, savingKey, savingOf } from '../../../lib/run/sweep/savings.ts';
import { standing } from '../../ledger/decide/world.ts';
import { judgement, recordOf } from '../../ledger/fixtures.ts';
import { type MemoryLedger, memoryLedger } from '../../ledger/memory.ts';

const NOW = new Date('2026-11-17T09:00:00.000Z');
const KEY = 'caps/2026-11-17';
const place = (accountId: string, amount: string) => ({ accountId, cost: { amount, currency: 'USD' } });
const limits = (count: number, account: number | null = null) => ({
  caps: {
    organisation: { count, money: {} },
    account: account === null ? null : { count: account, money: {} },
  },
  timezone: 'UTC',
});

/** A ledger whose document another process writes anew right before each of so many writes of it. */
function contested(
  key: string,
  value: unknown,
  times: number,
): { ledger: MemoryLedger; tries: () => number } {
  let tries = 0;
  let busy = false;
  const ledger: MemoryLedger = memoryLedger({
    async onCall({ operation, phase, about }) {
      if (busy || operation !== 'putDoc' || phase !== 'before' || about[0] !== key) return;
      tries += 1;
      if (tries > times) return;
      busy = true;
      await ledger.putDoc(key, value, (await ledger.getDoc(key))?.version ?? 0);
      busy = false;
    },
  });
  return { ledger, tries: () => tries };
}

describe('places under the caps of a day', () => {
  it('belong to the day of the organisation', () => {
    const late = new Date('2026-11-17T23:30:00.000Z');
    expect(capsKey(late, 'UTC')).toBe('caps/2026-11-17');
    expect(capsKey(late, 'Europe/Berlin')).toBe('caps/2026-11-18');
    expect(capsKey(late, 'America/Los_Angeles')).toBe('caps/2026-11-17');
  });

  it('are taken once by each, as many as there are, and given back', async () => {
    const ledger = memoryLedger();
    expect(await takePlace(ledger, limits(2), 'f-1', place('1', '5'), NOW)).toBeNull();
    expect(await takePlace(ledger, limits(2), 'f-1', place('1', '5'), NOW)).toBeNull();
    expect(await takePlace(ledger, limits(2), 'f-2', place('2', '6'), NOW)).toBeNull();
    expect(await ledger.getDoc(KEY)).toEqual({
      value: { schemaVersion: 1, taken: { 'f-1': place('1', '5'), 'f-2': place('2', '6') } },
      version: 2,
    });
    expect(await takePlace(ledger, limits(2), 'f-3', place('1', '5'), NOW)).toBe(
      'the cap of the day is reached: 2 stops for the organisation',
    );
    expect(await takePlace(ledger, limits(2), 'f-1', place('1', '5'), NOW)).toBeNull();
    await givePlaceBack(ledger, limits(2), 'f-9', NOW);
    expect((await ledger.getDoc(KEY))?.version).toBe(2);
    await givePlaceBack(ledger, limits(2), 'f-1', NOW);
    expect((await ledger.getDoc(KEY))?.value).toEqual({
      schemaVersion: 1,
      taken: { 'f-2': place('2', '6') },
    });
  });

  it('are counted for each account beside the organisation', async () => {
    const ledger = memoryLedger();
    await takePlace(ledger, limits(9, 1), 'f-1', place('1', '5'), NOW);
    expect(await takePlace(ledger, limits(9, 1), 'f-2', place('1', '5'), NOW)).toBe(
      'the cap of the day is reached: 1 stops for account 1',
    );
    expect(await takePlace(ledger, limits(9, 1), 'f-2', place('2', '5'), NOW)).toBeNull();
  });

  it('are looked at without taking one, beside those who come before', async () => {
    const ledger = memoryLedger();
    await takePlace(ledger, limits(2), 'f-1', place('1', '5'), NOW);
    const room = await roomUnderCaps(ledger, limits(2), NOW);
    expect(room('f-2', place('1', '5'))).toBeNull();
    expect(room('f-2', place('1', '5'), [place('1', '5')])).toContain('2 stops');
    expect(room('f-1', place('1', '5'), [place('1', '5'), place('1', '5')])).toBeNull();
    expect((await ledger.getDoc(KEY))?.version).toBe(1);
  });

  it('are tried for again while other sweeps take some, and not for ever', async () => {
    const taken = { schemaVersion: 1, taken: { 'f-0': place('1', '1') } };
    const some = contested(KEY, taken, 39);
    expect(await takePlace(some.ledger, limits(9), 'f-1', place('1', '5'), NOW)).toBeNull();
    expect(Object.keys(Object(Object(await some.ledger.getDoc(KEY)).value.taken))).toEqual(['f-0', 'f-1']);
    const all = contested(KEY, taken, 999);
    expect(await takePlace(all.ledger, limits(9), 'f-1', place('1', '5'), NOW)).toBe(
      'other sweeps keep counting stops of the day: it is tried again',
    );
    expect(all.tries()).toBe(40);
    const back = contested(KEY, { schemaVersion: 1, taken: { 'f-1': place('1', '1') } }, 999);
    await back.ledger.putDoc(KEY, { schemaVersion: 1, taken: { 'f-1': place('1', '1') } }, 0);
    await givePlaceBack(back.ledger, limits(9), 'f-1', NOW);
    expect(back.tries()).toBe(41);
  });

  it('are not known where another version wrote them', async () => {
    for (const value of [
      { schemaVersion: 2, taken: {} },
      { taken: {} },
      { schemaVersion: 1 },
      { schemaVersion: 1, taken: null },
      { schemaVersion: 1, taken: 7 },
      null,
      7,
    ]) {
      const ledger = memoryLedger();
      await ledger.putDoc(KEY, value, 0);
      await expect(takePlace(ledger, limits(9), 'f-1', place('1', '5'), NOW)).rejects.toMatchObject({
        code: 'conflict',
        message: `the document ${KEY} was written by another version`,
        where: 'ledger',
        hint: 'Nothing is stopped today by this version: update Bursar.',
      });
    }
  });
});

const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);

/** A ledger in which this finding stands so. */
async function withFinding(state: FindingState): Promise<MemoryLedger> {
  const ledger = memoryLedger();
  const stopped = { at: NOW.toISOString(), action: 'a', undoPlan: null, estimated: null };
  await ledger.put({ ...standing(state, { stopped }), version: 1 }, 0, null);
  return ledger;
}

describe('the canary of a policy', () => {
  const RULE = 'policy 1 matches first';
  const key = canaryKey(RULE);
  const first = recordOf(judgement());
  const id = first.finding.id;
  const waiting = 'it waits until the first stop of this policy has been without trouble for an hour';

  it('is one for each wording of the rule', () => {
    expect(key).toMatch(/^canary\/[0-9a-f]{26}$/);
    expect(canaryKey(`${RULE}.`)).not.toBe(key);
  });

  it('is chosen where there is none, waited for, and passed for good after an hour', async () => {
    const ledger = await withFinding('STOPPED');
    expect(await canaryStanding(ledger, RULE, NOW)).toEqual({ state: 'free', findingId: null, why: '' });
    expect(await takeCanary(ledger, RULE, id, NOW)).toBeNull();
    expect((await ledger.getDoc(key))?.value).toEqual({
      schemaVersion: 1,
      findingId: id,
      at: NOW.toISOString(),
      passedAt: null,
    });
    expect(await canaryStanding(ledger, RULE, later(59))).toEqual({
      state: 'waits',
      findingId: id,
      why: waiting,
    });
    expect(await takeCanary(ledger, RULE, 'f-2', later(59))).toBe(waiting);
    expect(await takeCanary(ledger, RULE, id, later(59))).toBeNull();
    expect((await ledger.getDoc(key))?.version).toBe(1);
    expect(await canaryStanding(ledger, RULE, later(60))).toEqual({
      state: 'passed',
      findingId: id,
      why: '',
    });
    expect(await takeCanary(ledger, RULE, 'f-2', later(60))).toBeNull();
    expect((await ledger.getDoc(key))?.value).toMatchObject({
      findingId: id,
      passedAt: later(60).toISOString(),
    });
    expect(await takeCanary(ledger, RULE, 'f-3', later(61))).toBeNull();
    expect((await ledger.getDoc(key))?.version).toBe(2);
  });

  it('that came to nothing makes room for the next', async () => {
    const ledger = await withFinding('RESOLVED');
    await takeCanary(ledger, RULE, id, NOW);
    expect(await canaryStanding(ledger, RULE, NOW)).toEqual({ state: 'free', findingId: id, why: '' });
    expect(await takeCanary(ledger, RULE, 'f-2', NOW)).toBeNull();
    expect((await ledger.getDoc(key))?.value).toMatchObject({ findingId: 'f-2', passedAt: null });
    // The ledger has no such finding: it is waited for while it is young.
    expect(await canaryStanding(ledger, RULE, NOW)).toMatchObject({ state: 'waits', findingId: 'f-2' });
  });

  it('is tried for again while other sweeps choose one, and not for ever', async () => {
    const gone = { schemaVersion: 1, findingId: 'f-0', at: '2026-11-16T00:00:00.000Z', passedAt: null };
    const some = contested(key, gone, 7);
    expect(await takeCanary(some.ledger, RULE, id, NOW)).toBeNull();
    const all = contested(key, gone, 99);
    expect(await takeCanary(all.ledger, RULE, id, NOW)).toBe(
      'other sweeps are choosing the first stop of this policy: it is tried again',
    );
    expect(all.tries()).toBe(8);
  });

  it('is not known where another version wrote it', async () => {
    for (const value of [
      { schemaVersion: 2, findingId: 'f-1' },
      { schemaVersion: 1 },
      { schemaVersion: 1, findingId: 7 },
      { findingId: 'f-1' },
      null,
      7,
    ]) {
      const ledger = memoryLedger();
      await ledger.putDoc(key, value, 0);
      await expect(takeCanary(ledger, RULE, id, NOW)).rejects.toMatchObject({
        code: 'conflict',
        message: 'the canary of a policy was written by another version',
        where: key,
        hint: 'Nothing is stopped under it by this version: update Bursar.',
      });
    }
  });
});

describe('what a stop is to save', () => {
  const { finding } = recordOf(judgement());
  const key = savingKey(finding.id);

  it('is kept once a stop, and ended once', async () => {
    const ledger = memoryLedger();
    await noteEnded(ledger, finding.id, '2026-11-17T08:00:00.000Z');
    expect(await ledger.getDoc(key)).toBeNull();
    await noteStopped(ledger, finding, '2026-11-17T09:00:00.000Z', 'a');
    await noteStopped(ledger, finding, '2026-11-17T10:00:00.000Z', 'b');
    expect((await ledger.getDoc(key))?.version).toBe(1);
    await noteEnded(ledger, finding.id, '2026-11-17T11:00:00.000Z');
    await noteEnded(ledger, finding.id, '2026-11-17T12:00:00.000Z');
    expect((await ledger.getDoc(key))?.version).toBe(2);
    await noteStopped(ledger, finding, '2026-11-17T13:00:00.000Z', 'c');
    await noteEnded(ledger, finding.id, '2026-11-17T14:00:00.000Z');
    expect((await ledger.getDoc(key))?.value).toEqual({
      schemaVersion: 1,
      findingId: finding.id,
      resourceId: finding.resourceId,
      stops: [
        {
          from: '2026-11-17T09:00:00.000Z',
          until: '2026-11-17T11:00:00.000Z',
          action: 'a',
          estimated: finding.monthlySaving,
        },
        {
          from: '2026-11-17T13:00:00.000Z',
          until: '2026-11-17T14:00:00.000Z',
          action: 'c',
          estimated: finding.monthlySaving,
        },
      ],
    });
  });

  it('is not known where another version wrote it', () => {
    const doc = { schemaVersion: 1, findingId: 'f', resourceId: 'r', stops: [] };
    expect(savingOf(doc)).toBe(doc);
    for (const value of [
      { ...doc, schemaVersion: 2 },
      { ...doc, stops: {} },
      { stops: [] },
      { schemaVersion: 1 },
      null,
      7,
      undefined,
    ])
      expect(savingOf(value)).toBeNull();
  });
});
