import { MIG_PART, type Resource } from '../model.ts';

export interface Dimension {
  readonly Name: string;
  readonly Value: string;
}

/** Which instance, and which device of it, a metric's dimensions name. */
export interface Joined {
  readonly resourceId: string;
  readonly device: string | null;
}

const INSTANCE = ['InstanceId', 'instance_id'];
const HOST = ['host', 'Hostname', 'NodeName'];
/** `index`: CloudWatch agent; `GpuDevice`: Container Insights; `GpuId`: EC2; `gpu`: DCGM exporter. */
const DEVICE = ['index', 'GpuDevice', 'GpuId', 'gpu'];
/** A MIG instance: a part of a device (NVIDIA DCGM exporter, label GPU_I_ID, empty on a card that is not divided). */
const PART = ['GPU_I_ID'];

/**
 * Finds the instance behind a metric: by InstanceId, else by host. The agent sends `host` alone unless its
 * configuration appends the instance id (`append_dimensions`), and the host is what the operating system calls
 * itself: the private DNS name, its first part, or the instance id where the subnet names hosts by resource
 * (EC2 User Guide, "EC2 instance hostnames"). A name that two instances bear, as in two VPCs of the same
 * addresses, belongs to neither: a wrong join would call a busy machine idle.
 * @param instances every instance of the scope, also those without accelerators, since they bear names too.
 */
export function gpuJoin(
  instances: readonly Pick<Resource, 'id' | 'attributes'>[],
): (dimensions: readonly Dimension[]) => Joined | null {
  const byInstance = new Map<string, string>();
  const byHost = new Map<string, string | null>();
  for (const { id, attributes } of instances) {
    const names = new Set<string>();
    if (typeof attributes['instanceId'] === 'string') {
      byInstance.set(attributes['instanceId'], id);
      names.add(attributes['instanceId']);
    }
    if (typeof attributes['privateDnsName'] === 'string' && attributes['privateDnsName'] !== '') {
      names.add(attributes['privateDnsName'].toLowerCase());
      names.add(firstPart(attributes['privateDnsName']));
    }
    if (typeof attributes['privateIp'] === 'string' && attributes['privateIp'] !== '') {
      names.add(attributes['privateIp']);
      names.add(`ip-${attributes['privateIp'].replaceAll('.', '-')}`);
    }
    for (const name of names) byHost.set(name, byHost.has(name) && byHost.get(name) !== id ? null : id);
  }
  return (dimensions) => {
    const value = (names: readonly string[]) => dimensions.find(({ Name }) => names.includes(Name))?.Value;
    const instance = value(INSTANCE);
    const host = value(HOST)?.toLowerCase();
    const resourceId =
      instance !== undefined
        ? byInstance.get(instance)
        : host === undefined
          ? undefined
          : byHost.has(host)
            ? byHost.get(host)
            : byHost.get(/^[\d.]+$/.test(host) ? host : firstPart(host));
    if (resourceId === undefined || resourceId === null) return null;
    const device = value(DEVICE);
    const part = value(PART);
    const divided = part === undefined || part === '' ? '' : `${MIG_PART}${part}`;
    if (device === undefined && divided === '') return { resourceId, device: null };
    return { resourceId, device: `${device === undefined ? '' : deviceName(device)}${divided}` };
  };
}

/** `nvidia0` (Container Insights) and `0` (the agent) are one device. */
function deviceName(text: string): string {
  return /^nvidia\d+$/.test(text) ? text.slice('nvidia'.length) : text;
}

function firstPart(host: string): string {
  return (host.split('.')[0] ?? host).toLowerCase();
}
