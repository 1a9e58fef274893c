import { createHash } from 'node:crypto';
import { ACCOUNTS, type Machine, type VOLUMES } from './cast.ts';

/** Midnight UTC `ago` days before the midnight that begins `now`'s day. */
export function dayStart(now: Date, ago: number): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() - ago));
}

/** The bare id that a bill prints for a machine; derived from its name, so that every run agrees. */
export function machineId(machine: Pick<Machine, 'name'>): string {
  return `i-${createHash('sha256').update(`machine ${machine.name}`).digest('hex').slice(0, 17)}`;
}

export function machineArn(machine: Pick<Machine, 'name' | 'account' | 'region'>): string {
  return `arn:aws:ec2:${machine.region}:${ACCOUNTS[machine.account].id}:instance/${machineId(machine)}`;
}

type Volume = (typeof VOLUMES)[number];

export function volumeId(volume: Pick<Volume, 'name'>): string {
  return `vol-${createHash('sha256').update(`volume ${volume.name}`).digest('hex').slice(0, 17)}`;
}

export function volumeArn(volume: Pick<Volume, 'name' | 'account' | 'region'>): string {
  return `arn:aws:ec2:${volume.region}:${ACCOUNTS[volume.account].id}:volume/${volumeId(volume)}`;
}
