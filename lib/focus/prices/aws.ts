import type { Json, Resource } from '../../estate/model.ts';
import { Decimal, decimalText } from '../decimal.ts';
import { HOURS_A_MONTH, type PriceAsk, type Priced, type PriceName } from './model.ts';

/** Which lines of AWS's price list a resource is charged by, in the words that its usage has on a bill. */
export function awsAsks(resource: Resource): Priced {
  return (KINDS[resource.type] ?? none)(resource);
}

const KINDS: Readonly<Record<string, (resource: Resource) => Priced>> = {
  'aws:ec2:instance': instance,
  'aws:ec2:volume': volume,
  'aws:ec2:elastic-ip': address,
  'aws:ec2:natgateway': natGateway,
  'aws:elasticloadbalancing:loadbalancer': loadBalancer,
  'aws:rds:db': database,
  'aws:sagemaker:endpoint': endpoint,
  'aws:sagemaker:notebook-instance': notebook,
};

function none({ type }: Resource): Priced {
  return { unpriced: `the list price of ${type} is not asked for` };
}

/**
 * What an instance's platform is billed as (EC2 user guide, "AMI billing information fields", read in November
 * 2026). Platforms with SQL Server or high availability are left out: nobody runs a model on them.
 */
const OPERATIONS: Readonly<Record<string, string>> = {
  'Linux/UNIX': 'RunInstances',
  'Red Hat Enterprise Linux': 'RunInstances:0010',
  'SUSE Linux': 'RunInstances:000g',
  'Ubuntu Pro': 'RunInstances:0g00',
  Windows: 'RunInstances:0002',
};

function instance(resource: Resource): Priced {
  const { sku, state, attributes } = resource;
  if (state !== 'running') return { unpriced: `an instance that is ${state} is not charged for by the hour` };
  const lifecycle = text(attributes['lifecycle']);
  if (lifecycle !== 'on-demand')
    return { unpriced: `what a ${lifecycle ?? 'machine of unknown lifecycle'} costs is in no price list` };
  const platform = text(attributes['platform']);
  const operation = platform === null ? undefined : OPERATIONS[platform];
  // `BoxUsage` is an instance on hardware that is shared; a dedicated one has usage types and fees of its own.
  if (sku === null || operation === undefined || text(attributes['tenancy']) !== 'default')
    return {
      unpriced: `the list price of ${platform ?? 'an unknown platform'} on this tenancy is not asked for`,
    };
  return {
    asks: [hourly(resource, { service: 'AmazonEC2', usage: `BoxUsage:${sku}`, operation })],
    leavesOut: ['its volumes, addresses and traffic'],
  };
}

/** Usage types of a month's gigabytes by volume type (AWS price list of AmazonEC2, product family Storage). */
const VOLUMES: Readonly<Record<string, string>> = {
  gp2: 'EBS:VolumeUsage.gp2',
  gp3: 'EBS:VolumeUsage.gp3',
  io1: 'EBS:VolumeUsage.piops',
  io2: 'EBS:VolumeUsage.io2',
  st1: 'EBS:VolumeUsage.st1',
  sc1: 'EBS:VolumeUsage.sc1',
  standard: 'EBS:VolumeUsage',
};

function volume(resource: Resource): Priced {
  const { sku, attributes } = resource;
  const usage = VOLUMES[sku ?? ''];
  const size = attributes['sizeGiB'];
  if (usage === undefined || typeof size !== 'number')
    return { unpriced: 'its type or its size is not known' };
  return {
    asks: [
      {
        ...name(resource, { service: 'AmazonEC2', usage, operation: null }),
        unit: 'gibibyte-month',
        quantity: decimalText(new Decimal(size)),
      },
    ],
    leavesOut: [
      sku === 'standard' ? 'what is read and written' : 'IOPS and throughput that are bought besides',
    ],
  };
}

function address(resource: Resource): Priced {
  // A public IPv4 address costs by the hour whether it is used or not ("Amazon VPC pricing", since February 2024).
  // One of a range of the account's own costs nothing ("Bring your own IP addresses", EC2 user guide).
  const pool = text(resource.attributes['publicIpv4Pool']);
  if (pool !== null && pool !== 'amazon') return { unpriced: 'an address of an own range has no price' };
  const used = resource.state === 'associated' || text(resource.attributes['associationId']) !== null;
  const usage = used ? 'PublicIPv4:InUseAddress' : 'PublicIPv4:IdleAddress';
  return { asks: [hourly(resource, { service: 'AmazonVPC', usage, operation: null })], leavesOut: [] };
}

function natGateway(resource: Resource): Priced {
  return resource.state !== 'available'
    ? { unpriced: `a NAT gateway that is ${resource.state} is not charged for` }
    : {
        asks: [
          hourly(resource, { service: 'AmazonEC2', usage: 'NatGateway-Hours', operation: 'NatGateway' }),
        ],
        leavesOut: ['the gigabytes that go through it'],
      };
}

/** Operations of the load balancer's hour (AWS price list of AWSELB). */
const BALANCERS: Readonly<Record<string, string>> = {
  application: 'LoadBalancing:Application',
  network: 'LoadBalancing:Network',
  gateway: 'LoadBalancing:Gateway',
  classic: 'LoadBalancing',
};

function loadBalancer(resource: Resource): Priced {
  const operation = BALANCERS[resource.sku ?? ''];
  return operation === undefined
    ? { unpriced: 'its kind is not known' }
    : {
        asks: [hourly(resource, { service: 'AWSELB', usage: 'LoadBalancerUsage', operation })],
        leavesOut: ['its capacity units, traffic and addresses'],
      };
}

/** Operations of an instance by engine (price list of AmazonRDS); those with a licence of their own are left out. */
const ENGINES: Readonly<Record<string, string>> = {
  mysql: 'CreateDBInstance:0002',
  postgres: 'CreateDBInstance:0014',
  mariadb: 'CreateDBInstance:0018',
};

function database(resource: Resource): Priced {
  const { sku, state, parent, attributes } = resource;
  const operation = ENGINES[text(attributes['engine']) ?? ''];
  const { multiAz } = attributes;
  // What a member of a cluster costs hangs on how the cluster is billed (Aurora I/O-Optimized).
  if (parent !== null || operation === undefined || sku === null || typeof multiAz !== 'boolean')
    return { unpriced: 'the list price of its engine, or of a member of a cluster, is not asked for' };
  if (state !== 'available')
    return { unpriced: `the instance hours of a database that is ${state} are not known` };
  // Usage types shorten sizes: `InstanceUsage:db.r5.2xl` is a db.r5.2xlarge (price list of AmazonRDS).
  const size = sku.replace(/(\d)xlarge$/, '$1xl');
  const usage = `${multiAz ? 'Multi-AZUsage' : 'InstanceUsage'}:${size}`;
  return {
    asks: [hourly(resource, { service: 'AmazonRDS', usage, operation })],
    leavesOut: ['its storage, backups and traffic'],
  };
}

function endpoint(resource: Resource): Priced {
  const { variants, mlReservations } = resource.attributes;
  if (Array.isArray(mlReservations) && mlReservations.length > 0)
    return {
      unpriced: 'what reserved capacity of SageMaker costs is not charged by the hour of an endpoint',
    };
  if (!Array.isArray(variants)) return { unpriced: 'its variants are not known' };
  const asks = variants.flatMap((variant: Json): PriceAsk[] => {
    const { instanceType, instances } = isRecord(variant) ? variant : {};
    return typeof instanceType === 'string' && typeof instances === 'number' && instances > 0
      ? [
          hourly(
            resource,
            { service: 'AmazonSageMaker', usage: `Host:${instanceType}`, operation: null },
            instances,
          ),
        ]
      : [];
  });
  return asks.length === 0
    ? { unpriced: 'it has no instance that runs by the hour' }
    : { asks, leavesOut: ['its storage and traffic'] };
}

function notebook(resource: Resource): Priced {
  const { sku, state } = resource;
  return sku === null || state !== 'InService'
    ? { unpriced: `a notebook instance that is ${state} is not charged for by the hour` }
    : {
        asks: [hourly(resource, { service: 'AmazonSageMaker', usage: `Notebk:${sku}`, operation: null })],
        leavesOut: ['its volume'],
      };
}

type Words = Pick<PriceName, 'service' | 'usage' | 'operation'>;

function name({ region }: Resource, words: Words): PriceName {
  return { provider: 'aws', region, ...words };
}

function hourly(resource: Resource, words: Words, machines = 1): PriceAsk {
  return {
    ...name(resource, words),
    unit: 'hour',
    quantity: decimalText(new Decimal(HOURS_A_MONTH).times(machines)),
  };
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function isRecord(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
