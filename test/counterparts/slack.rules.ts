import { isObject, type Json } from './json.ts';

/**
 * What each kind of block, element or object may hold: its own key -> the limit's path. A limit is a leaf with
 * `min_length`, `max_length`, `min_items`, `max_items`, `min`, `max` or `exclusive_min`.
 */
export type Rules = Readonly<Record<string, string>>;

const CHOICES: Rules = { placeholder: 'select.placeholder', options: 'select.options' };
const GROUPED: Rules = { ...CHOICES, option_groups: 'select.option_groups' };
const IMAGE: Rules = { image_url: 'image.image_url', alt_text: 'image.alt_text' };

/** By the `type` that the object says; where two share one (`image` as block and element) they share the limits. */
export const BY_TYPE: Readonly<Record<string, Rules>> = {
  plain_text: { text: 'text' },
  mrkdwn: { text: 'text' },
  header: { text: 'header.text' },
  section: { text: 'section.text', fields: 'section.fields' },
  context: { elements: 'context.elements' },
  actions: { elements: 'actions.elements' },
  divider: {},
  image: IMAGE,
  input: { label: 'input.label', hint: 'input.hint' },
  markdown: { text: 'markdown.text' },
  rich_text: {},
  file: {},
  plan: {},
  task_card: {},
  alert: { text: 'alert.text' },
  card: {
    title: 'card.title',
    subtitle: 'card.subtitle',
    body: 'card.body',
    actions: 'card.actions',
    subtext: 'card.subtext',
  },
  carousel: { elements: 'carousel.elements' },
  container: {
    title: 'container.title',
    subtitle: 'container.subtitle',
    child_blocks: 'container.child_blocks',
  },
  context_actions: { elements: 'context_actions.elements' },
  video: {
    alt_text: 'video.alt_text',
    title: 'video.title',
    author_name: 'video.author_name',
    description: 'video.description',
    provider_name: 'video.provider_name',
  },
  table: {},
  data_table: { rows: 'data_table.rows', page_size: 'data_table.page_size' },
  data_visualization: { title: 'data_visualization.title' },
  button: {
    text: 'button.text',
    url: 'button.url',
    value: 'button.value',
    accessibility_label: 'button.accessibility_label',
  },
  static_select: GROUPED,
  multi_static_select: GROUPED,
  external_select: CHOICES,
  multi_external_select: CHOICES,
  users_select: CHOICES,
  multi_users_select: CHOICES,
  conversations_select: CHOICES,
  multi_conversations_select: CHOICES,
  channels_select: CHOICES,
  multi_channels_select: CHOICES,
  overflow: { options: 'overflow.options' },
  checkboxes: { options: 'checkboxes.options' },
  radio_buttons: { options: 'radio_buttons.options' },
  file_input: { max_files: 'file_input.max_files' },
  plain_text_input: { max_length: 'plain_text_input.max_length', placeholder: 'select.placeholder' },
  modal: view(),
  home: view(),
};

/** Blocks that a message, a modal or a Home tab may hold; another `type` is refused as Slack does. */
export const BLOCKS = new Set(
  (
    'actions alert card carousel container context context_actions data_table data_visualization divider file ' +
    'header image input markdown plan rich_text section table task_card video'
  ).split(' '),
);

function view(): Rules {
  return {
    blocks: 'view.blocks',
    private_metadata: 'view.private_metadata',
    callback_id: 'view.callback_id',
    title: 'view.title',
    close: 'view.close',
    submit: 'view.submit',
  };
}

/** Objects that carry no `type` are known by where they stand or what they hold. */
export function byShape(node: Json, path: string): Rules {
  const ids: Rules = { action_id: 'action_id', block_id: 'block_id' };
  const key = path.split('/').findLast((part) => !/^\d+$/.test(part)) ?? '';
  if (key === 'confirm' && isObject(node['confirm'])) {
    return {
      ...ids,
      title: 'confirmation.title',
      text: 'confirmation.text',
      confirm: 'confirmation.confirm',
      deny: 'confirmation.deny',
    };
  }
  if (key === 'options' || key === 'initial_option' || key === 'initial_options') {
    return {
      ...ids,
      text: 'option.text',
      value: 'option.value',
      description: 'option.description',
      url: 'option.url',
    };
  }
  if (key === 'option_groups')
    return { ...ids, label: 'option_group.label', options: 'option_group.options' };
  if (key === 'positive_button' || key === 'negative_button') {
    return {
      ...ids,
      text: 'feedback_button.text',
      value: 'feedback_button.value',
      accessibility_label: 'feedback_button.accessibility_label',
    };
  }
  return ids;
}
