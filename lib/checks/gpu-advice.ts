import type { Resource } from '../estate/model.ts';
import type { Evidence, Verdict } from './model.ts';

/** Chips that NVIDIA's tools do not see, in the words of the providers' own type descriptions. */
const NOT_NVIDIA = /inferentia|trainium|neuron|\btpu\b|gaudi|radeon|qualcomm/i;

/** What serves models at Vertex AI. */
const VERTEX = /^gcp:aiplatform:(endpoint|deployment-resource-pool)$/;

/** Google names GPUs with their maker (`nvidia-l4`, `NVIDIA_L4`), and chips of its own by their machines (`ct5lp`). */
function isNotNvidia({ provider, accelerators }: Resource): boolean {
  return accelerators.some(
    ({ kind }) => NOT_NVIDIA.test(kind) || (provider === 'gcp' && !/^nvidia/i.test(kind)),
  );
}

/** By the labels that GKE gives its nodes. */
function isGkeNode({ provider, tags }: Resource): boolean {
  return (
    provider === 'gcp' && (tags['goog-k8s-cluster-name'] !== undefined || tags['goog-gke-node'] !== undefined)
  );
}

/** What to do where nothing tells how busy the accelerators of a machine are. */
export function advice(machine: Resource): string {
  if (isGkeNode(machine))
    return 'GKE tells of accelerators that a container holds: none did, or system metrics are off (gcloud container clusters update --monitoring=SYSTEM). Scale its node pool down where nothing asks for it.';
  if (isNotNvidia(machine)) return 'This version reads no telemetry of such chips: ask the owner.';
  if (machine.type === 'aws:sagemaker:notebook-instance')
    return 'Notebook instances publish no metric of activity: ask the owner, or move the work to Studio with idle shutdown.';
  if (machine.type === 'aws:sagemaker:app')
    return 'Studio apps publish no metric of their GPUs: ask the owner, and turn on idle shutdown.';
  if (machine.type === 'aws:sagemaker:cluster')
    return 'Turn on Container Insights (the CloudWatch Observability add-on) of the EKS cluster that orchestrates it; where Slurm does, let the CloudWatch agent append the InstanceId of each node.';
  if (machine.type === 'aws:sagemaker:endpoint')
    return 'Find out why /aws/sagemaker/Endpoints has no GPUUtilization of it.';
  if (machine.provider === 'aws')
    return 'Install the CloudWatch agent with its nvidia_gpu section (utilization_gpu, memory_used).';
  if (machine.type === 'gcp:aiplatform:persistent-resource')
    return 'Vertex AI tells of no accelerators of a persistent resource: delete it where no job needs it, or let Ray scale it down.';
  if (VERTEX.test(machine.type))
    return 'Find out why Vertex AI has no accelerator/duty_cycle of every replica.';
  if (machine.provider === 'gcp')
    return 'Install the Ops Agent beside the driver of NVIDIA: it writes agent.googleapis.com/gpu/utilization and gpu/memory/bytes_used.';
  return 'This version reads no GPU telemetry of this provider: ask the owner.';
}

/**
 * The agent's set-up to copy onto a machine of which nothing is measured; none where no agent is what it lacks. By the
 * id of the instance, since host names are not always unique (CloudWatch User Guide, "Collect NVIDIA GPU metrics" and
 * `append_dimensions`); the Ops Agent reads GPUs where their driver is installed (Google Cloud Observability
 * documentation, "Monitor GPU performance with the Ops Agent" and "Install the Ops Agent").
 */
export function setUp(machine: Resource): Evidence[] {
  if (isNotNvidia(machine) || isGkeNode(machine)) return [];
  const told = SET_UPS[machine.type];
  return told === undefined ? [] : [{ name: 'set-up to copy', unit: '', window: '', ...told }];
}

type SetUp = Pick<Evidence, 'value' | 'source'>;

const CLOUDWATCH_AGENT: SetUp = {
  value: JSON.stringify({
    metrics: {
      append_dimensions: { InstanceId: '${aws:InstanceId}' },
      metrics_collected: {
        nvidia_gpu: {
          measurement: ['utilization_gpu', 'memory_used', 'power_draw'],
          metrics_collection_interval: 60,
        },
      },
    },
  }),
  source: 'CloudWatch agent configuration file',
};

const SET_UPS: Readonly<Record<string, SetUp>> = {
  'aws:ec2:instance': CLOUDWATCH_AGENT,
  'gcp:compute:instance': {
    value:
      'curl -sSO https://dl.google.com/cloudagents/add-google-cloud-ops-agent-repo.sh && sudo bash add-google-cloud-ops-agent-repo.sh --also-install',
    source: 'Ops Agent, on the machine',
  },
};

/**
 * How to come by the second signal where nothing tells the power of a machine of low use: what its agent can measure
 * (CloudWatch User Guide, "Collect NVIDIA GPU metrics": power_draw; Ops Agent documentation, "NVIDIA Data Center GPU
 * Manager", version 2 of its receiver, Ops Agent 2.51 or newer beside DCGM 3.1 to 3.3.9 on Linux).
 */
export function powerSetUp(machine: Resource): Evidence[] {
  if (isNotNvidia(machine) || isGkeNode(machine)) return [];
  const told = POWER_SET_UPS[machine.type];
  return told === undefined
    ? []
    : [{ name: 'set-up to copy, to measure power', unit: '', window: '', ...told }];
}

const DCGM: SetUp = {
  value: JSON.stringify({
    metrics: {
      receivers: { dcgm: { type: 'dcgm', receiver_version: '2' } },
      service: { pipelines: { dcgm: { receivers: ['dcgm'] } } },
    },
  }),
  source: 'Ops Agent, /etc/google-cloud-ops-agent/config.yaml (JSON is YAML), beside DCGM',
};

const POWER_SET_UPS: Readonly<Record<string, SetUp>> = {
  'aws:ec2:instance': CLOUDWATCH_AGENT,
  'gcp:compute:instance': DCGM,
  'gcp:notebooks:instance': DCGM,
};

/** What is not seen of a machine of low use, and what stopping it does not end. */
export function blindSpots(machine: Resource, verdict: Verdict): string[] {
  if (verdict !== 'IDLE' && verdict !== 'HELD' && verdict !== 'SUSPECTED') return [];
  const { attributes, parent } = machine;
  const ec2 = machine.type === 'aws:ec2:instance';
  const gce = machine.type === 'gcp:compute:instance' || machine.type === 'gcp:notebooks:instance';
  return [
    ...(ec2
      ? [
          'Its volumes and addresses have bills of their own, which go on when it stops; they are not in these amounts.',
          'A stopped instance may not start again while its type is scarce (InsufficientInstanceCapacity).',
        ]
      : []),
    ...(machine.type === 'aws:sagemaker:endpoint'
      ? [
          'GPUUtilization is a sum over the GPUs of an instance: that several were a little busy looks like one that was.',
          'Its URL is gone while it is deleted; undo creates it again from the configuration that is kept.',
        ]
      : []),
    ...(gce
      ? [
          'A sample of the Ops Agent is the mean of a minute: bursts of less than three seconds of one are not seen, nor higher power for less than it.',
          'Its disks and static addresses have bills of their own, which go on when it stops; they are not in these amounts.',
          'A stopped instance may not start again while its zone has no such machine (ZONE_RESOURCE_POOL_EXHAUSTED).',
        ]
      : []),
    ...(isGkeNode(machine)
      ? [
          'GKE tells of a device only while a container holds it, and of no power: a node is never proven idle.',
        ]
      : []),
    ...(VERTEX.test(machine.type)
      ? [
          'duty_cycle is an average over the accelerators of a replica: it is told times their number, which no single one exceeds.',
          'How much memory a model holds is told in bytes of a replica and not as a share of what it has: it is loaded as long as it is deployed, and only its owner knows whether it is wanted.',
        ]
      : []),
    ...(attributes['provisioningModel'] === 'SPOT' || attributes['preemptible'] === true
      ? ['It is a spot machine: it may be hard to get again.']
      : []),
    ...(typeof attributes['endsAt'] === 'string'
      ? [`Compute Engine ends it by itself at ${attributes['endsAt']}: from then on a stop saves nothing.`]
      : []),
    ...(ec2 && attributes['rootDeviceType'] === 'instance-store'
      ? ['Its root lies on instance store: it cannot be stopped, only terminated.']
      : []),
    ...(attributes['lifecycle'] === 'spot'
      ? ['It is a spot instance: it can be stopped only if its request is persistent.']
      : []),
    ...(attributes['lifecycle'] === 'capacity-block'
      ? ['It runs in a Capacity Block, which is paid for in advance: stopping it saves nothing.']
      : []),
    ...(parent === null
      ? []
      : [`It belongs to ${parent.type} ${parent.id}: scale that instead, or it comes back.`]),
  ];
}
