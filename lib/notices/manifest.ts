import type { Permission } from '../platform/permissions.ts';

/** What an app of Slack's is made from: its fields are those of Slack's manifest (docs.slack.dev, "App manifest reference"). */
export interface SlackManifest {
  readonly display_information: { readonly name: string; readonly description: string };
  readonly features: {
    readonly app_home?: Readonly<Record<string, boolean>>;
    readonly bot_user: { readonly display_name: string; readonly always_online: boolean };
    readonly slash_commands?: readonly Readonly<Record<string, string | boolean>>[];
  };
  readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } };
  readonly settings: {
    readonly event_subscriptions?: { readonly request_url: string; readonly bot_events: readonly string[] };
    readonly interactivity: { readonly is_enabled: boolean; readonly request_url?: string };
    readonly org_deploy_enabled: false;
    readonly socket_mode_enabled: false;
    readonly token_rotation_enabled: false;
  };
}

/** The only event that is listened to (click.ts): it draws the Home tab, and needs no scope. */
const EVENTS = ['app_home_opened'];

/**
 * The app as Slack makes it "from a manifest": the scopes that the code needs and nothing besides. `address` takes
 * clicks, forms, /bursar and the Home tab; null: the app only posts.
 */
export function slackManifest(scopes: readonly Permission[], address: string | null): SlackManifest {
  return {
    display_information: { name: 'Bursar', description: 'Finds cloud waste and asks its owner' },
    features: {
      ...(address === null
        ? {}
        : {
            app_home: {
              home_tab_enabled: true,
              messages_tab_enabled: true,
              messages_tab_read_only_enabled: true,
            },
          }),
      bot_user: { display_name: 'Bursar', always_online: true },
      ...(address === null
        ? {}
        : {
            slash_commands: [
              {
                command: '/bursar',
                url: address,
                description: 'Your cloud resources that look like waste',
                usage_hint: 'mine | find TEXT | explain ID | pause | resume',
                should_escape: false,
              },
            ],
          }),
    },
    oauth_config: { scopes: { bot: [...new Set(scopes.map(({ action }) => action))] } },
    settings: {
      ...(address === null ? {} : { event_subscriptions: { request_url: address, bot_events: EVENTS } }),
      interactivity: address === null ? { is_enabled: false } : { is_enabled: true, request_url: address },
      org_deploy_enabled: false,
      socket_mode_enabled: false,
      token_rotation_enabled: false,
    },
  };
}
