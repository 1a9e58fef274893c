/**
 * Texts that are secrets by their form. Sources: Slack documentation, "Token types"; IAM User Guide, "IAM
 * identifiers" (AKIA, ASIA); GitHub documentation, "GitHub's token formats"; RFC 7468 for private keys; the
 * `sk-` form is what OpenAI and Anthropic hand out.
 */
const FORMS: readonly { readonly what: string; readonly form: RegExp }[] = [
  { what: 'a Slack token', form: /\bx(?:ox[a-z]|app)-[\w-]{4,}/ },
  { what: 'a Slack webhook', form: /hooks\.slack\.com\/services\/\S+/ },
  { what: 'an API key', form: /\bsk-(?:(?:ant|proj|admin|svcacct)-[\w-]{4,}|[A-Za-z0-9]{16,})/ },
  { what: 'an AWS access key', form: /\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/ },
  { what: 'a Google API key', form: /\bAIza[\w-]{30,}/ },
  { what: 'a GitHub token', form: /\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,})/ },
  { what: 'a private key', form: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  { what: 'a signed token', form: /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/ },
  {
    what: 'an address with a key',
    form: /[?&](?:token|(?:api|access)[_-]?key|key|secret|password|passwd|pwd|sig|signature)=[^\s&"']+/i,
  },
  { what: 'an address with a password', form: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i },
];

/** Where in a text secrets lie (offset) and of which kind; never the text of them. */
export function findSecrets(text: string): { at: number; what: string }[] {
  return FORMS.flatMap(({ what, form }) =>
    [...text.matchAll(new RegExp(form, `${form.flags}g`))].map((match) => ({ at: match.index, what })),
  ).toSorted((a, b) => a.at - b.at);
}

/** The text with everything that looks like a secret taken out, fit to be shown. */
export function redact(text: string): string {
  return FORMS.reduce(
    (shown, { form }) => shown.replaceAll(new RegExp(form, `${form.flags}g`), '(hidden)'),
    text,
  );
}
