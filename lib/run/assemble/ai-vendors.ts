import type { SourceConfig } from '../../config/schema.ts';
import { BursarError } from '../../platform/errors.ts';
import type { HourlyFeed } from '../../sources/ai-vendor/hourly.ts';
import {
  type VendorSession,
  type VendorSessionSettings,
  vendorSession,
} from '../../sources/ai-vendor/http.ts';
import { anthropicHourly } from '../../sources/anthropic/hourly.ts';
import {
  ANTHROPIC_ADDRESS,
  ANTHROPIC_KEY_HINT,
  ANTHROPIC_VERSION,
  anthropicSource,
} from '../../sources/anthropic/source.ts';
import type { Source } from '../../sources/model.ts';
import { openAiHourly } from '../../sources/openai/hourly.ts';
import { OPENAI_ADDRESS, OPENAI_KEY_HINT, openAiSource } from '../../sources/openai/source.ts';
import { readSecret } from './secrets.ts';

/** The bill of an OpenAI organisation. Its key is read when the bill is: a bill that is not asked for needs none. */
export function openAi(id: string, config: SourceConfig & { type: 'openai' }): Source {
  const { months, organisation, projects } = config;
  return openAiSource({
    id,
    session: openAiSession(id, config),
    months,
    ...(organisation === undefined ? {} : { organisation }),
    ...(projects === undefined ? {} : { projects }),
  });
}

/** The bill of an Anthropic organisation; its key, too, is read when the bill is. */
export function anthropic(id: string, config: SourceConfig & { type: 'anthropic' }): Source {
  const { months, organisation } = config;
  const session = anthropicSession(id, config);
  return anthropicSource({ id, session, months, ...(organisation === undefined ? {} : { organisation }) });
}

/** A sweep waits less for a vendor than a bill does: it looks again in an hour. */
const WATCHING = { attempts: 2, timeout: 20_000 } as const;

function openAiSession(
  id: string,
  config: SourceConfig & { type: 'openai' },
  patience: Pick<VendorSessionSettings, 'attempts' | 'timeout'> = {},
): VendorSession {
  return vendorSession({
    ...patience,
    where: `bill:${id}`,
    vendor: 'OpenAI',
    address: addressOf(config.endpoint, OPENAI_ADDRESS),
    keyHint: OPENAI_KEY_HINT,
    headers: async () => ({ authorization: `Bearer ${await keyOf(id, config)}` }),
  });
}

function anthropicSession(
  id: string,
  config: SourceConfig & { type: 'anthropic' },
  patience: Pick<VendorSessionSettings, 'attempts' | 'timeout'> = {},
): VendorSession {
  return vendorSession({
    ...patience,
    where: `bill:${id}`,
    vendor: 'Anthropic',
    address: addressOf(config.endpoint, ANTHROPIC_ADDRESS),
    keyHint: ANTHROPIC_KEY_HINT,
    headers: async () => ({
      'x-api-key': await keyOf(id, config),
      'anthropic-version': ANTHROPIC_VERSION,
    }),
  });
}

/** What is watched by the hour: every AI vendor of the config. */
export function hourlyFeeds(sources: Readonly<Record<string, SourceConfig>>): HourlyFeed[] {
  return Object.entries(sources).flatMap(([id, config]) => {
    if (config.type === 'openai')
      return [openAiHourly(id, openAiSession(id, config, WATCHING), config.projects ?? [])];
    return config.type === 'anthropic' ? [anthropicHourly(id, anthropicSession(id, config, WATCHING))] : [];
  });
}

/** An endpoint replaces scheme, host and port; one with a path of its own replaces that, too. */
function addressOf(endpoint: string | undefined, usual: string): string {
  if (endpoint === undefined) return usual;
  const own = new URL(endpoint);
  return own.pathname === '/' ? new URL(new URL(usual).pathname, own).href : endpoint;
}

/** A line end at the end of a secret is a slip that is forgiven; JSON around the key is not. */
async function keyOf(id: string, { key }: { key: Parameters<typeof readSecret>[0] }): Promise<string> {
  const where = `sources.${id}.key`;
  const text = (await readSecret(key, where)).trim();
  if (!/^[\w.~+/=:-]+$/.test(text))
    throw new BursarError('config', 'the secret is no API key: it has blanks or characters that no key has', {
      where,
      hint: 'Store the key alone, not JSON and not a line with its name.',
    });
  return text;
}
