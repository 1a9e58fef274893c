type Child = Node | string | null;

/** An element with attributes and children; texts become text and never markup. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

/** A button that does something in this page. */
export function button(
  text: string,
  does: () => void,
  attributes: Readonly<Record<string, string>> = {},
): HTMLButtonElement {
  const element = el('button', { type: 'button', ...attributes }, text);
  element.addEventListener('click', does);
  return element;
}

/** A table with a caption; the first cell of a row is its header. */
export function table(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly Child[])[],
  right: ReadonlySet<number> = new Set(),
): HTMLElement {
  const align = (at: number): Record<string, string> => (right.has(at) ? { class: 'money' } : {});
  const body = rows.map((row) =>
    el(
      'tr',
      {},
      ...row.map((cell, at) =>
        at === 0
          ? el('th', { scope: 'row', class: 'name' }, el('bdi', {}, cell))
          : el('td', align(at), el('bdi', {}, cell)),
      ),
    ),
  );
  return el(
    'div',
    { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': caption },
    el(
      'table',
      {},
      el('caption', {}, caption),
      el(
        'thead',
        {},
        el('tr', {}, ...columns.map((name, at) => el('th', { scope: 'col', ...align(at) }, name))),
      ),
      el('tbody', {}, ...body),
    ),
  );
}

/** What is chosen of a list; `all` stands for no choice. */
export function choice(
  label: string,
  all: string | null,
  values: readonly (readonly [value: string, text: string])[],
  changed: (value: string) => void,
): { readonly box: HTMLElement; readonly select: HTMLSelectElement } {
  const select = el(
    'select',
    {},
    ...(all === null ? [] : [el('option', { value: '' }, all)]),
    ...values.map(([value, text]) => el('option', { value }, text)),
  );
  select.addEventListener('change', () => changed(select.value));
  return { box: labelled(label, select), select };
}

let labels = 0;

/** A control with its label, and what goes with both. */
export function labelled(label: string, control: HTMLElement, ...more: readonly Child[]): HTMLElement {
  control.id = `tool-${labels++}`;
  return el('div', { class: 'tool' }, el('label', { for: control.id }, label), control, ...more);
}
