import * as fc from 'fast-check';

/** Names as an attacker, an accident or a foreign script writes them. */
export const ATTACKS = [
  '<!channel> look <@U0123456> <https://evil.example|here>',
  '</title></style></script><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '\u001b[2J\u001b[31mred\u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007',
  '\u009b31mred',
  'invoice\u202egnp.exe\u202c\u2066x\u2069\u200f',
  'line one\nline two\r\n\u2028three\tfour',
  '*bold* _it_ ~no~ `code` ```pre``` :fire: @here &amp;',
  'שלום עולם العربية',
  '东京 GPU 机器 🚀👩‍👩‍👧‍👦',
  'half \ud83d a pair',
  'x'.repeat(300),
  '😀'.repeat(300),
  '=HYPERLINK("https://evil.example","click")',
  '@SUM(1+1)*cmd|calc',
  'javascript:alert(1)',
  '   ',
  '',
  '\u0000\u0007\u007f',
] as const;

/** Any name: an attack, or text of any kind. */
export const name = fc.oneof(
  fc.constantFrom(...ATTACKS),
  fc.string({ unit: 'binary', maxLength: 320 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
);

/** Amounts as decimal text, credits and 18 places among them. */
export const amount = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 18 }))
  .map(([digits, places]) => {
    const text = digits
      .toString()
      .replace('-', '')
      .padStart(places + 1, '0');
    const cut = text.length - places;
    const fraction = places === 0 ? '' : `.${text.slice(cut)}`;
    return `${digits < 0n ? '-' : ''}${text.slice(Math.max(0, cut - 20), cut)}${fraction}`;
  });

export const currency = fc.constantFrom('USD', 'EUR', 'JPY', 'KWD', 'AI-CREDITS');
