import type { FindingRecord, FindingState } from '../../ledger/model.ts';
import { type ActionsBlock, type Button, labelled, type Select } from '../blocks.ts';
import { ANSWERABLE, type NoticeDoc, type NoticeItem, stageOf } from '../notice.ts';

/** What a person can do with a button; the `action_id` of the click. */
export type ActionId =
  | 'keep'
  | 'acknowledge'
  | 'stop'
  | 'exempt'
  | 'disown'
  | 'claim'
  | 'undo'
  | 'approve'
  | 'refuse';

/** Days for which an owner may keep something without asking anyone. */
export const KEEP_DAYS = [1, 3, 7, 14] as const;

/** What a button holds, in its `block_id`: a notice, the place of the item in it, what it was drawn for. */
export interface Token {
  readonly notice: string;
  readonly index: number;
  readonly stage: string;
}

export function writeToken({ notice, index, stage }: Token): string {
  return `${notice}.${index}.${stage}`;
}

/** Null for what no button of ours holds. */
export function readToken(text: string): Token | null {
  const found = /^(n-[0-9a-f]{26})\.(\d)\.([0-9a-f]{8})$/.exec(text);
  const [, notice, index, stage] = found ?? [];
  if (notice === undefined || index === undefined || stage === undefined) return null;
  return { notice, index: Number(index), stage };
}

/** The buttons of one item as its finding stands; null where there is nothing to press. */
export function buttons(
  notice: NoticeDoc,
  index: number,
  record: Pick<FindingRecord, 'finding' | 'life'>,
): ActionsBlock | null {
  const item = notice.items[index];
  if (item === undefined) return null;
  const elements = elementsOf(notice, item, record);
  if (elements.length === 0) return null;
  const block_id = writeToken({ notice: notice.id, index, stage: stageOf(record) });
  return { type: 'actions', block_id, elements };
}

function elementsOf(
  notice: NoticeDoc,
  item: NoticeItem,
  record: Pick<FindingRecord, 'finding' | 'life'>,
): (Button | Select)[] {
  const { state } = record.finding;
  const { life } = record;
  if (notice.kind === 'approval') {
    const asked = state === 'EXEMPTION_REQUESTED' || state === 'APPROVAL_REQUESTED';
    return asked && life?.request?.at === notice.request?.at ? approval(item) : [];
  }
  if (notice.kind === 'claim')
    return CLAIMABLE.has(state) && life?.recipient?.kind !== 'owner' ? [claimButton()] : [];
  if (ANSWERABLE.has(state)) return answers(item, record);
  const back = state === 'STOPPED' || state === 'RESTORE_FAILED';
  return back && item.reversible ? [button('undo', 'Undo: bring it back', 'primary')] : [];
}

/** Buttons of a message that is told elsewhere as well: `token` as `writeToken` made it. */
export function decisionButtons(token: string, kind: 'approve' | 'claim', reversible: boolean): ActionsBlock {
  return {
    type: 'actions',
    block_id: token,
    elements: kind === 'claim' ? [claimButton()] : approval({ reversible }),
  };
}

function claimButton(): Button {
  return button('claim', 'I own this', 'primary');
}

const CLAIMABLE: ReadonlySet<FindingState> = new Set<FindingState>([
  'NOTIFY_PENDING',
  'WARNED',
  'ACKNOWLEDGED',
  'BLOCKED',
  'UNDELIVERED',
  'ESCALATED',
  'DISOWNED',
]);
const STOPPABLE: ReadonlySet<FindingState> = new Set<FindingState>([
  'NOTIFY_PENDING',
  'WARNED',
  'ACKNOWLEDGED',
  'BLOCKED',
]);

function answers(
  item: NoticeItem,
  { finding: { state }, life }: Pick<FindingRecord, 'finding' | 'life'>,
): (Button | Select)[] {
  const keep: Select = {
    type: 'static_select',
    action_id: 'keep',
    placeholder: labelled('Keep for…'),
    options: KEEP_DAYS.map((days) => ({
      text: labelled(days === 1 ? '1 day' : `${days} days`),
      value: String(days),
    })),
  };
  const stoppable =
    STOPPABLE.has(state) && item.action !== null && life?.policy.mode === 'stop' && life.stopNow === null;
  return [
    keep,
    ...(state === 'WARNED' || state === 'NOTIFY_PENDING' ? [button('acknowledge', 'Acknowledge')] : []),
    ...(stoppable ? [stopNow(item)] : []),
    button('exempt', 'Request exemption'),
    button('disown', 'Not mine'),
  ];
}

function stopNow(item: NoticeItem): Button {
  return {
    ...button('stop', 'Stop now', 'danger'),
    confirm: {
      title: labelled('Stop it now?'),
      text: labelled(
        item.reversible
          ? 'It is checked once more, then stopped without waiting. Undo brings it back.'
          : 'This cannot be undone. Somebody else must approve it; then it is done without waiting.',
        300,
      ),
      confirm: labelled('Stop now', 30),
      deny: labelled('No', 30),
      style: 'danger',
    },
  };
}

function approval(item: Pick<NoticeItem, 'reversible'>): Button[] {
  const approve = button('approve', 'Approve', 'primary');
  if (item.reversible) return [approve, button('refuse', 'Refuse')];
  return [
    {
      ...approve,
      confirm: {
        title: labelled('Approve?'),
        text: labelled('Your name goes into the audit trail.', 300),
        confirm: labelled('Approve', 30),
        deny: labelled('No', 30),
      },
    },
    button('refuse', 'Refuse'),
  ];
}

function button(action_id: ActionId, text: string, style?: 'primary' | 'danger'): Button {
  return { type: 'button', action_id, text: labelled(text), ...(style === undefined ? {} : { style }) };
}
