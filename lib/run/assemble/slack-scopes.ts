import type { Config } from '../../config/schema.ts';
import { slackPermissions } from '../../notices/slack.ts';
import { messengerPermissions } from '../../notices/slack-messenger.ts';
import type { Permission } from '../../platform/permissions.ts';

/** Does Slack's side of the config say how clicks are verified? Only then is there a function that takes them. */
export function takesClicks({ slack }: Pick<Config, 'slack'>): boolean {
  return slack?.signingSecret !== undefined;
}

/** Are alarms told in Slack? In the channel of the digest, where there is one. */
export function tellsAlarms({ slack, deploy }: Pick<Config, 'slack' | 'deploy'>): boolean {
  return deploy.alarms.slack && slack?.channels.digest !== undefined;
}

/**
 * The scopes that the code needs under a config: what its manifest asks for, and what `bursar doctor` and `bursar
 * slack check` look for. Without a workspace nothing but the digest is posted; without `clicks` there is no command.
 */
export function slackScopes({ slack }: Pick<Config, 'slack'>, clicks: boolean): readonly Permission[] {
  if (clicks) return messengerPermissions;
  return slack?.teamId === undefined
    ? slackPermissions
    : messengerPermissions.filter(({ action }) => action !== 'commands');
}
