import { expect, test } from 'vitest';
import { alarmAnnouncement } from '../../lib/run/alarm.ts';

/** As the Amazon CloudWatch User Guide shows it ("Notifying users on alarm changes"), shortened. */
const CHANGE = {
  AlarmName: 'Bursar-dead-letters',
  AlarmDescription: 'Bursar: a task failed for good.',
  AWSAccountId: '111122223333',
  NewStateValue: 'ALARM',
  NewStateReason:
    'Threshold Crossed: 1 datapoint [2.0 (23/11/26 00:10:00)] was greater than the threshold (0.0).',
  StateChangeTime: '2026-11-23T00:15:01.123+0000',
  Region: 'EU (Frankfurt)',
  OldStateValue: 'OK',
  Trigger: { MetricName: 'ApproximateNumberOfMessagesVisible' },
};
const told = (more: object = {}) => alarmAnnouncement(JSON.stringify({ ...CHANGE, ...more }));

test('an alarm says what is wrong first, then why and where', () => {
  const { message, id, thread } = told();
  expect(message.text).toBe('Alarm: Bursar: a task failed for good.');
  const blocks = JSON.stringify(message.blocks);
  expect(blocks).toContain('Threshold Crossed');
  expect(blocks).toContain('Bursar-dead-letters · 111122223333 · EU (Frankfurt)');
  expect(thread).toEqual([]);
  expect(id).toBe('alarm/Bursar-dead-letters/2026-11-23T00:15:01.123+0000/ALARM');
});

test('the same change is the same announcement, and the way back is another', () => {
  expect(told()).toEqual(told());
  const back = told({ NewStateValue: 'OK', StateChangeTime: '2026-11-23T00:20:01.123+0000' });
  expect(back.message.text).toBe('Back to normal: Bursar: a task failed for good.');
  expect(back.id).not.toBe(told().id);
});

test('an alarm without a description is told by its name', () => {
  expect(told({ AlarmDescription: null }).message.text).toBe('Alarm: Bursar-dead-letters');
});

test.for(['', 'hello', '{}', '[]', JSON.stringify({ ...CHANGE, NewStateValue: 'PERHAPS' })])(
  'what is no alarm of CloudWatch is refused: %s',
  (message) => {
    expect(() => alarmAnnouncement(message)).toThrow('a message of the topic is no alarm of CloudWatch');
  },
);

test('markup in a reason stays text', () => {
  const { message } = told({ NewStateReason: '<!channel> *bold* <https://example.com|click>' });
  expect(message.blocks.map(({ type }) => type)).toEqual(['section', 'context']);
  expect(JSON.stringify(message.blocks)).not.toContain('mrkdwn');
  expect(told({ AlarmDescription: '<!channel> & all' }).message.text).toBe(
    'Alarm: &lt;!channel&gt; &amp; all',
  );
});

test('nothing empty is sent, which Slack would refuse', () => {
  const { message } = told({ NewStateReason: ' ', AlarmDescription: '' });
  expect(message.text).toBe('Alarm: Bursar-dead-letters');
  expect(message.blocks[1]).toMatchObject({ elements: [{ text: expect.stringContaining('111122223333') }] });
});
