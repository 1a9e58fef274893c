/**
 * List prices of OpenAI's and Anthropic's models by the token, in US dollars: for estimates alone, never for a bill.
 * Made by test/generate/token-prices.ts from LiteLLM's price file (github.com/BerriAI/litellm,
 * model_prices_and_context_window.json, July 2026), licence MIT. That file has no dates of its own: these are the
 * prices that it listed then.
 *
 * Left out because they cannot be right:
 * - claude-3-haiku-20240307: cacheWrite1h of 0.000006: a write for an hour is not twice the input price
 * - claude-3-opus-20240229: cacheWrite1h of 0.000006: a write for an hour is not twice the input price
 */
export const TOKEN_PRICE_FIELDS = [
  'input',
  'cachedInput',
  'cacheWrite',
  'cacheWrite1h',
  'output',
  'audioInput',
  'audioOutput',
  'imageInput',
  'imageOutput',
  'batchInput',
  'batchOutput',
  'flexInput',
  'flexCachedInput',
  'flexOutput',
  'priorityInput',
  'priorityCachedInput',
  'priorityOutput',
  'longInput',
  'longCachedInput',
  'longCacheWrite',
  'longOutput',
] as const;

/** What an estimate says of its price. */
export const TOKEN_PRICES_SOURCE = 'list price of July 2026 (LiteLLM)';

/** A line a model: vendor, model, prices. */
export const TOKEN_PRICES = `
anthropic claude-3-7-sonnet-20250219 input=0.000003 cachedInput=0.0000003 cacheWrite=0.00000375 cacheWrite1h=0.000006 output=0.000015
anthropic claude-3-haiku-20240307 input=0.00000025 cachedInput=0.00000003 cacheWrite=0.0000003 output=0.00000125
anthropic claude-3-opus-20240229 input=0.000015 cachedInput=0.0000015 cacheWrite=0.00001875 output=0.000075
anthropic claude-4-opus-20250514 input=0.000015 cachedInput=0.0000015 cacheWrite=0.00001875 cacheWrite1h=0.00003 output=0.000075
anthropic claude-4-sonnet-20250514 input=0.000003 cachedInput=0.0000003 cacheWrite=0.00000375 cacheWrite1h=0.000006 output=0.000015 longInput=0.000006 longCachedInput=0.0000006 longCacheWrite=0.0000075 longOutput=0.0000225
anthropic claude-fable-5 input=0.00001 cachedInput=0.000001 cacheWrite=0.0000125 cacheWrite1h=0.00002 output=0.00005
anthropic claude-haiku-4-5 input=0.000001 cachedInput=0.0000001 cacheWrite=0.00000125 cacheWrite1h=0.000002 output=0.000005
anthropic claude-haiku-4-5-20251001 input=0.000001 cachedInput=0.0000001 cacheWrite=0.00000125 cacheWrite1h=0.000002 output=0.000005
anthropic claude-mythos-5 input=0.00001 cachedInput=0.000001 cacheWrite=0.0000125 cacheWrite1h=0.00002 output=0.00005
anthropic claude-opus-4-1 input=0.000015 cachedInput=0.0000015 cacheWrite=0.00001875 cacheWrite1h=0.00003 output=0.000075
anthropic claude-opus-4-1-20250805 input=0.000015 cachedInput=0.0000015 cacheWrite=0.00001875 cacheWrite1h=0.00003 output=0.000075
anthropic claude-opus-4-20250514 input=0.000015 cachedInput=0.0000015 cacheWrite=0.00001875 cacheWrite1h=0.00003 output=0.000075
anthropic claude-opus-4-5 input=0.000005 cachedInput=0.0000005 cacheWrite=0.00000625 cacheWrite1h=0.00001 output=0.000025
anthropic claude-opus-4-5-20251101 input=0.000005 cachedInput=0.0000005 cacheWrite=0.00000625 cacheWrite1h=0.00001 output=0.000025
anthropic claude-opus-4-6 input=0.000005 cachedInput=0.0000005 cacheWrite=0.00000625 cacheWrite1h=0.00001 output=0.000025
anthropic claude-opus-4-6-20260205 input=0.000005 cachedInput=0.0000005 cacheWrite=0.00000625 cacheWrite1h=0.00001 output=0.000025
anthropic claude-opus-4-6-thinking input=0.000005 cachedInput=0.0000005 cacheWrite=0.00000625 cacheWrite1h=0.00001 output=0.000025
anthropic claude-opus-4-7 input=0.000005 cachedInput=0.0000005 cacheWrite=0.00000625 cacheWrite1h=0.00001 output=0.000025
anthropic claude-opus-4-7-20260416 input=0.000005 cachedInput=0.0000005 cacheWrite=0.00000625 cacheWrite1h=0.00001 output=0.000025
anthropic claude-opus-4-8 input=0.000005 cachedInput=0.0000005 cacheWrite=0.00000625 cacheWrite1h=0.00001 output=0.000025
anthropic claude-opus-5 input=0.000005 cachedInput=0.0000005 cacheWrite=0.00000625 cacheWrite1h=0.00001 output=0.000025
anthropic claude-sonnet-4-20250514 input=0.000003 cachedInput=0.0000003 cacheWrite=0.00000375 cacheWrite1h=0.000006 output=0.000015 longInput=0.000006 longCachedInput=0.0000006 longCacheWrite=0.0000075 longOutput=0.0000225
anthropic claude-sonnet-4-5 input=0.000003 cachedInput=0.0000003 cacheWrite=0.00000375 cacheWrite1h=0.000006 output=0.000015 longInput=0.000006 longCachedInput=0.0000006 longCacheWrite=0.0000075 longOutput=0.0000225
anthropic claude-sonnet-4-5-20250929 input=0.000003 cachedInput=0.0000003 cacheWrite=0.00000375 cacheWrite1h=0.000006 output=0.000015 longInput=0.000006 longCachedInput=0.0000006 longCacheWrite=0.0000075 longOutput=0.0000225
anthropic claude-sonnet-4-6 input=0.000003 cachedInput=0.0000003 cacheWrite=0.00000375 cacheWrite1h=0.000006 output=0.000015
anthropic claude-sonnet-5 input=0.000002 cachedInput=0.0000002 cacheWrite=0.0000025 cacheWrite1h=0.000004 output=0.00001
openai codex-auto-review input=0.000005 cachedInput=0.0000005 output=0.00003 batchInput=0.0000025 batchOutput=0.000015 flexInput=0.0000025 flexCachedInput=0.00000025 flexOutput=0.000015 priorityInput=0.00001 priorityCachedInput=0.000001 priorityOutput=0.00006
openai gpt-3.5-turbo input=0.0000005 output=0.0000015
openai gpt-3.5-turbo-0125 input=0.0000005 output=0.0000015
openai gpt-3.5-turbo-1106 input=0.000001 output=0.000002
openai gpt-3.5-turbo-16k input=0.000003 output=0.000004
openai gpt-3.5-turbo-instruct input=0.0000015 output=0.000002
openai gpt-3.5-turbo-instruct-0914 input=0.0000015 output=0.000002
openai gpt-4 input=0.00003 output=0.00006
openai gpt-4-0125-preview input=0.00001 output=0.00003
openai gpt-4-0314 input=0.00003 output=0.00006
openai gpt-4-0613 input=0.00003 output=0.00006
openai gpt-4-1106-preview input=0.00001 output=0.00003
openai gpt-4-turbo input=0.00001 output=0.00003
openai gpt-4-turbo-2024-04-09 input=0.00001 output=0.00003
openai gpt-4-turbo-preview input=0.00001 output=0.00003
openai gpt-4.1 input=0.000002 cachedInput=0.0000005 output=0.000008 batchInput=0.000001 batchOutput=0.000004 priorityInput=0.0000035 priorityCachedInput=0.000000875 priorityOutput=0.000014
openai gpt-4.1-2025-04-14 input=0.000002 cachedInput=0.0000005 output=0.000008 batchInput=0.000001 batchOutput=0.000004
openai gpt-4.1-mini input=0.0000004 cachedInput=0.0000001 output=0.0000016 batchInput=0.0000002 batchOutput=0.0000008 priorityInput=0.0000007 priorityCachedInput=0.000000175 priorityOutput=0.0000028
openai gpt-4.1-mini-2025-04-14 input=0.0000004 cachedInput=0.0000001 output=0.0000016 batchInput=0.0000002 batchOutput=0.0000008
openai gpt-4.1-nano input=0.0000001 cachedInput=0.000000025 output=0.0000004 batchInput=0.00000005 batchOutput=0.0000002 priorityInput=0.0000002 priorityCachedInput=0.00000005 priorityOutput=0.0000008
openai gpt-4.1-nano-2025-04-14 input=0.0000001 cachedInput=0.000000025 output=0.0000004 batchInput=0.00000005 batchOutput=0.0000002
openai gpt-4o input=0.0000025 cachedInput=0.00000125 output=0.00001 batchInput=0.00000125 batchOutput=0.000005 priorityInput=0.00000425 priorityCachedInput=0.000002125 priorityOutput=0.000017
openai gpt-4o-2024-05-13 input=0.000005 output=0.000015 batchInput=0.0000025 batchOutput=0.0000075 priorityInput=0.00000875 priorityOutput=0.00002625
openai gpt-4o-2024-08-06 input=0.0000025 cachedInput=0.00000125 output=0.00001 batchInput=0.00000125 batchOutput=0.000005
openai gpt-4o-2024-11-20 input=0.0000025 cachedInput=0.00000125 output=0.00001 batchInput=0.00000125 batchOutput=0.000005
openai gpt-4o-audio-preview input=0.0000025 output=0.00001 audioInput=0.00004 audioOutput=0.00008
openai gpt-4o-audio-preview-2024-12-17 input=0.0000025 output=0.00001 audioInput=0.00004 audioOutput=0.00008
openai gpt-4o-audio-preview-2025-06-03 input=0.0000025 output=0.00001 audioInput=0.00004 audioOutput=0.00008
openai gpt-4o-mini input=0.00000015 cachedInput=0.000000075 output=0.0000006 batchInput=0.000000075 batchOutput=0.0000003 priorityInput=0.00000025 priorityCachedInput=0.000000125 priorityOutput=0.000001
openai gpt-4o-mini-2024-07-18 input=0.00000015 cachedInput=0.000000075 output=0.0000006 batchInput=0.000000075 batchOutput=0.0000003
openai gpt-4o-mini-audio-preview input=0.00000015 output=0.0000006 audioInput=0.00001 audioOutput=0.00002
openai gpt-4o-mini-audio-preview-2024-12-17 input=0.00000015 output=0.0000006 audioInput=0.00001 audioOutput=0.00002
openai gpt-4o-mini-realtime-preview input=0.0000006 cachedInput=0.0000003 output=0.0000024 audioInput=0.00001 audioOutput=0.00002
openai gpt-4o-mini-realtime-preview-2024-12-17 input=0.0000006 cachedInput=0.0000003 output=0.0000024 audioInput=0.00001 audioOutput=0.00002
openai gpt-4o-mini-search-preview input=0.00000015 cachedInput=0.000000075 output=0.0000006 batchInput=0.000000075 batchOutput=0.0000003
openai gpt-4o-mini-search-preview-2025-03-11 input=0.00000015 cachedInput=0.000000075 output=0.0000006 batchInput=0.000000075 batchOutput=0.0000003
openai gpt-4o-mini-transcribe input=0.00000125 output=0.000005 audioInput=0.00000125
openai gpt-4o-mini-transcribe-2025-03-20 input=0.00000125 output=0.000005 audioInput=0.00000125
openai gpt-4o-mini-transcribe-2025-12-15 input=0.00000125 output=0.000005 audioInput=0.00000125
openai gpt-4o-mini-tts input=0.0000025 output=0.00001 audioOutput=0.000012
openai gpt-4o-mini-tts-2025-03-20 input=0.0000025 output=0.00001 audioOutput=0.000012
openai gpt-4o-mini-tts-2025-12-15 input=0.0000025 output=0.00001 audioOutput=0.000012
openai gpt-4o-realtime-preview input=0.000005 cachedInput=0.0000025 output=0.00002 audioInput=0.00004 audioOutput=0.00008
openai gpt-4o-realtime-preview-2024-12-17 input=0.000005 cachedInput=0.0000025 output=0.00002 audioInput=0.00004 audioOutput=0.00008
openai gpt-4o-realtime-preview-2025-06-03 input=0.000005 cachedInput=0.0000025 output=0.00002 audioInput=0.00004 audioOutput=0.00008
openai gpt-4o-search-preview input=0.0000025 cachedInput=0.00000125 output=0.00001 batchInput=0.00000125 batchOutput=0.000005
openai gpt-4o-search-preview-2025-03-11 input=0.0000025 cachedInput=0.00000125 output=0.00001 batchInput=0.00000125 batchOutput=0.000005
openai gpt-4o-transcribe input=0.0000025 output=0.00001 audioInput=0.0000025
openai gpt-4o-transcribe-diarize input=0.0000025 output=0.00001 audioInput=0.0000025
openai gpt-5 input=0.00000125 cachedInput=0.000000125 output=0.00001 flexInput=0.000000625 flexCachedInput=0.0000000625 flexOutput=0.000005 priorityInput=0.0000025 priorityCachedInput=0.00000025 priorityOutput=0.00002
openai gpt-5-2025-08-07 input=0.00000125 cachedInput=0.000000125 output=0.00001 flexInput=0.000000625 flexCachedInput=0.0000000625 flexOutput=0.000005 priorityInput=0.0000025 priorityCachedInput=0.00000025 priorityOutput=0.00002
openai gpt-5-chat input=0.00000125 cachedInput=0.000000125 output=0.00001
openai gpt-5-chat-latest input=0.00000125 cachedInput=0.000000125 output=0.00001
openai gpt-5-codex input=0.00000125 cachedInput=0.000000125 output=0.00001
openai gpt-5-mini input=0.00000025 cachedInput=0.000000025 output=0.000002 flexInput=0.000000125 flexCachedInput=0.0000000125 flexOutput=0.000001 priorityInput=0.00000045 priorityCachedInput=0.000000045 priorityOutput=0.0000036
openai gpt-5-mini-2025-08-07 input=0.00000025 cachedInput=0.000000025 output=0.000002 flexInput=0.000000125 flexCachedInput=0.0000000125 flexOutput=0.000001 priorityInput=0.00000045 priorityCachedInput=0.000000045 priorityOutput=0.0000036
openai gpt-5-nano input=0.00000005 cachedInput=0.000000005 output=0.0000004 flexInput=0.000000025 flexCachedInput=0.0000000025 flexOutput=0.0000002 priorityInput=0.0000025
openai gpt-5-nano-2025-08-07 input=0.00000005 cachedInput=0.000000005 output=0.0000004 flexInput=0.000000025 flexCachedInput=0.0000000025 flexOutput=0.0000002
openai gpt-5-pro input=0.000015 output=0.00012 batchInput=0.0000075 batchOutput=0.00006
openai gpt-5-pro-2025-10-06 input=0.000015 output=0.00012 batchInput=0.0000075 batchOutput=0.00006
openai gpt-5-search-api input=0.00000125 cachedInput=0.000000125 output=0.00001
openai gpt-5-search-api-2025-10-14 input=0.00000125 cachedInput=0.000000125 output=0.00001
openai gpt-5.1 input=0.00000125 cachedInput=0.000000125 output=0.00001 priorityInput=0.0000025 priorityCachedInput=0.00000025 priorityOutput=0.00002
openai gpt-5.1-2025-11-13 input=0.00000125 cachedInput=0.000000125 output=0.00001 priorityInput=0.0000025 priorityCachedInput=0.00000025 priorityOutput=0.00002
openai gpt-5.1-chat-latest input=0.00000125 cachedInput=0.000000125 output=0.00001 priorityInput=0.0000025 priorityCachedInput=0.00000025 priorityOutput=0.00002
openai gpt-5.1-codex input=0.00000125 cachedInput=0.000000125 output=0.00001 priorityInput=0.0000025 priorityCachedInput=0.00000025 priorityOutput=0.00002
openai gpt-5.1-codex-max input=0.00000125 cachedInput=0.000000125 output=0.00001
openai gpt-5.1-codex-mini input=0.00000025 cachedInput=0.000000025 output=0.000002 priorityInput=0.00000045 priorityCachedInput=0.000000045 priorityOutput=0.0000036
openai gpt-5.2 input=0.00000175 cachedInput=0.000000175 output=0.000014 priorityInput=0.0000035 priorityCachedInput=0.00000035 priorityOutput=0.000028
openai gpt-5.2-2025-12-11 input=0.00000175 cachedInput=0.000000175 output=0.000014 priorityInput=0.0000035 priorityCachedInput=0.00000035 priorityOutput=0.000028
openai gpt-5.2-chat-latest input=0.00000175 cachedInput=0.000000175 output=0.000014 priorityInput=0.0000035 priorityCachedInput=0.00000035 priorityOutput=0.000028
openai gpt-5.2-codex input=0.00000175 cachedInput=0.000000175 output=0.000014 priorityInput=0.0000035 priorityCachedInput=0.00000035 priorityOutput=0.000028
openai gpt-5.2-pro input=0.000021 output=0.000168
openai gpt-5.2-pro-2025-12-11 input=0.000021 output=0.000168
openai gpt-5.3-chat-latest input=0.00000175 cachedInput=0.000000175 output=0.000014 priorityInput=0.0000035 priorityCachedInput=0.00000035 priorityOutput=0.000028
openai gpt-5.3-codex input=0.00000175 cachedInput=0.000000175 output=0.000014 priorityInput=0.0000035 priorityCachedInput=0.00000035 priorityOutput=0.000028
openai gpt-5.3-codex-spark input=0.00000175 cachedInput=0.000000175 output=0.000014 priorityInput=0.0000035 priorityCachedInput=0.00000035 priorityOutput=0.000028
openai gpt-5.4 input=0.0000025 cachedInput=0.00000025 output=0.000015 batchInput=0.00000125 batchOutput=0.0000075 flexInput=0.00000125 flexCachedInput=0.00000013 flexOutput=0.0000075 priorityInput=0.000005 priorityCachedInput=0.0000005 priorityOutput=0.00003
openai gpt-5.4-2026-03-05 input=0.0000025 cachedInput=0.00000025 output=0.000015 batchInput=0.00000125 batchOutput=0.0000075 flexInput=0.00000125 flexCachedInput=0.00000013 flexOutput=0.0000075 priorityInput=0.000005 priorityCachedInput=0.0000005 priorityOutput=0.00003
openai gpt-5.4-mini input=0.00000075 cachedInput=0.000000075 output=0.0000045 batchInput=0.000000375 batchOutput=0.00000225 flexInput=0.000000375 flexCachedInput=0.0000000375 flexOutput=0.00000225 priorityInput=0.0000015 priorityCachedInput=0.00000015 priorityOutput=0.000009
openai gpt-5.4-mini-2026-03-17 input=0.00000075 cachedInput=0.000000075 output=0.0000045 batchInput=0.000000375 batchOutput=0.00000225 flexInput=0.000000375 flexCachedInput=0.0000000375 flexOutput=0.00000225 priorityInput=0.0000015 priorityCachedInput=0.00000015 priorityOutput=0.000009
openai gpt-5.4-nano input=0.0000002 cachedInput=0.00000002 output=0.00000125 batchInput=0.0000001 batchOutput=0.000000625 flexInput=0.0000001 flexCachedInput=0.00000001 flexOutput=0.000000625
openai gpt-5.4-nano-2026-03-17 input=0.0000002 cachedInput=0.00000002 output=0.00000125 batchInput=0.0000001 batchOutput=0.000000625 flexInput=0.0000001 flexCachedInput=0.00000001 flexOutput=0.000000625
openai gpt-5.4-pro input=0.00003 cachedInput=0.000003 output=0.00018 batchInput=0.000015 batchOutput=0.00009 flexInput=0.000015 flexOutput=0.00009
openai gpt-5.4-pro-2026-03-05 input=0.00003 cachedInput=0.000003 output=0.00018 batchInput=0.000015 batchOutput=0.00009 flexInput=0.000015 flexOutput=0.00009
openai gpt-5.5 input=0.000005 cachedInput=0.0000005 output=0.00003 batchInput=0.0000025 batchOutput=0.000015 flexInput=0.0000025 flexCachedInput=0.00000025 flexOutput=0.000015 priorityInput=0.00001 priorityCachedInput=0.000001 priorityOutput=0.00006
openai gpt-5.5-2026-04-23 input=0.000005 cachedInput=0.0000005 output=0.00003 batchInput=0.0000025 batchOutput=0.000015 flexInput=0.0000025 flexCachedInput=0.00000025 flexOutput=0.000015 priorityInput=0.00001 priorityCachedInput=0.000001 priorityOutput=0.00006
openai gpt-5.5-pro input=0.00003 cachedInput=0.000003 output=0.00018 batchInput=0.000015 batchOutput=0.00009 flexInput=0.000015 flexOutput=0.00009
openai gpt-5.5-pro-2026-04-23 input=0.00003 cachedInput=0.000003 output=0.00018 batchInput=0.000015 batchOutput=0.00009 flexInput=0.000015 flexOutput=0.00009
openai gpt-5.6 input=0.000005 cachedInput=0.0000005 cacheWrite=0.00000625 output=0.00003 batchInput=0.0000025 batchOutput=0.000015 flexInput=0.0000025 flexCachedInput=0.00000025 flexOutput=0.000015 priorityInput=0.00001 priorityCachedInput=0.000001 priorityOutput=0.00006
openai gpt-5.6-luna input=0.000001 cachedInput=0.0000001 cacheWrite=0.00000125 output=0.000006 batchInput=0.0000005 batchOutput=0.000003 flexInput=0.0000005 flexCachedInput=0.00000005 flexOutput=0.000003 priorityInput=0.000002 priorityCachedInput=0.0000002 priorityOutput=0.000012
openai gpt-5.6-sol input=0.000005 cachedInput=0.0000005 cacheWrite=0.00000625 output=0.00003 batchInput=0.0000025 batchOutput=0.000015 flexInput=0.0000025 flexCachedInput=0.00000025 flexOutput=0.000015 priorityInput=0.00001 priorityCachedInput=0.000001 priorityOutput=0.00006
openai gpt-5.6-terra input=0.0000025 cachedInput=0.00000025 cacheWrite=0.000003125 output=0.000015 batchInput=0.00000125 batchOutput=0.0000075 flexInput=0.00000125 flexCachedInput=0.000000125 flexOutput=0.0000075 priorityInput=0.000005 priorityCachedInput=0.0000005 priorityOutput=0.00003
openai gpt-audio input=0.0000025 output=0.00001 audioInput=0.000032 audioOutput=0.000064
openai gpt-audio-1.5 input=0.0000025 output=0.00001 audioInput=0.000032 audioOutput=0.000064
openai gpt-audio-2025-08-28 input=0.0000025 output=0.00001 audioInput=0.000032 audioOutput=0.000064
openai gpt-audio-mini input=0.0000006 output=0.0000024 audioInput=0.00001 audioOutput=0.00002
openai gpt-audio-mini-2025-10-06 input=0.0000006 output=0.0000024 audioInput=0.00001 audioOutput=0.00002
openai gpt-audio-mini-2025-12-15 input=0.0000006 output=0.0000024 audioInput=0.00001 audioOutput=0.00002
openai gpt-image-1 input=0.000005 cachedInput=0.00000125 imageInput=0.00001 imageOutput=0.00004
openai gpt-image-1-mini input=0.000002 cachedInput=0.0000002 imageInput=0.0000025 imageOutput=0.000008
openai gpt-image-1.5 input=0.000005 cachedInput=0.00000125 output=0.00001 imageInput=0.000008 imageOutput=0.000032
openai gpt-image-1.5-2025-12-16 input=0.000005 cachedInput=0.00000125 output=0.00001 imageInput=0.000008 imageOutput=0.000032
openai gpt-image-2 input=0.000005 cachedInput=0.00000125 output=0.00001 imageInput=0.000008 imageOutput=0.00003
openai gpt-image-2-2026-04-21 input=0.000005 cachedInput=0.00000125 output=0.00001 imageInput=0.000008 imageOutput=0.00003
openai gpt-realtime input=0.000004 cachedInput=0.0000004 output=0.000016 audioInput=0.000032 audioOutput=0.000064
openai gpt-realtime-1.5 input=0.000004 cachedInput=0.0000004 output=0.000016 audioInput=0.000032 audioOutput=0.000064
openai gpt-realtime-2 input=0.000004 cachedInput=0.0000004 output=0.000016 audioInput=0.000032 audioOutput=0.000064
openai gpt-realtime-2.1 input=0.000004 cachedInput=0.0000004 output=0.000024 audioInput=0.000032 audioOutput=0.000064
openai gpt-realtime-2.1-mini input=0.0000006 cachedInput=0.00000006 output=0.0000024 audioInput=0.00001 audioOutput=0.00002
openai gpt-realtime-2025-08-28 input=0.000004 cachedInput=0.0000004 output=0.000016 audioInput=0.000032 audioOutput=0.000064
openai gpt-realtime-mini input=0.0000006 output=0.0000024 audioInput=0.00001 audioOutput=0.00002
openai gpt-realtime-mini-2025-10-06 input=0.0000006 cachedInput=0.00000006 output=0.0000024 audioInput=0.00001 audioOutput=0.00002
openai gpt-realtime-mini-2025-12-15 input=0.0000006 cachedInput=0.00000006 output=0.0000024 audioInput=0.00001 audioOutput=0.00002
openai o1-2024-12-17 input=0.000015 cachedInput=0.0000075 output=0.00006
openai o1-pro input=0.00015 output=0.0006 batchInput=0.000075 batchOutput=0.0003
openai o1-pro-2025-03-19 input=0.00015 output=0.0006 batchInput=0.000075 batchOutput=0.0003
openai o3 input=0.000002 cachedInput=0.0000005 output=0.000008 flexInput=0.000001 flexCachedInput=0.00000025 flexOutput=0.000004 priorityInput=0.0000035 priorityCachedInput=0.000000875 priorityOutput=0.000014
openai o3-2025-04-16 input=0.000002 cachedInput=0.0000005 output=0.000008
openai o3-deep-research input=0.00001 cachedInput=0.0000025 output=0.00004 batchInput=0.000005 batchOutput=0.00002
openai o3-deep-research-2025-06-26 input=0.00001 cachedInput=0.0000025 output=0.00004 batchInput=0.000005 batchOutput=0.00002
openai o3-mini input=0.0000011 cachedInput=0.00000055 output=0.0000044
openai o3-mini-2025-01-31 input=0.0000011 cachedInput=0.00000055 output=0.0000044
openai o3-pro input=0.00002 output=0.00008 batchInput=0.00001 batchOutput=0.00004
openai o3-pro-2025-06-10 input=0.00002 output=0.00008 batchInput=0.00001 batchOutput=0.00004
openai o4-mini input=0.0000011 cachedInput=0.000000275 output=0.0000044 flexInput=0.00000055 flexCachedInput=0.0000001375 flexOutput=0.0000022 priorityInput=0.000002 priorityCachedInput=0.0000005 priorityOutput=0.000008
openai o4-mini-2025-04-16 input=0.0000011 cachedInput=0.000000275 output=0.0000044
openai o4-mini-deep-research input=0.000002 cachedInput=0.0000005 output=0.000008 batchInput=0.000001 batchOutput=0.000004
openai o4-mini-deep-research-2025-06-26 input=0.000002 cachedInput=0.0000005 output=0.000008 batchInput=0.000001 batchOutput=0.000004
`;
