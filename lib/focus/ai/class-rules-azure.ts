import type { ClassRule, Condition } from './model.ts';

const SERVICES = 'FinOps toolkit, open data, services (microsoft/finops-toolkit, November 2026)';
const SIZES = 'Azure virtual machine sizes, GPU accelerated (Microsoft Learn, November 2026)';
const METERS = 'Azure Retail Prices API, meters of the service, October 2026';

const rule = (id: string, source: string, when: Condition, verdict: ClassRule['class']): ClassRule => ({
  id: `azure-${id}`,
  source,
  when: { provider: 'azure', ...when },
  class: verdict,
});

const OPENAI = 'openai|foundry|cognitive services|azure ai services';

/** Azure by service and meter, the narrower before the wider. NP (FPGA) is not among the GPU sizes. */
export const AZURE_RULES: readonly ClassRule[] = [
  rule(
    'openai-training',
    METERS,
    { service: OPENAI, meter: '(^|[ -])(ft|fine[ -]?tun\\w*|training)[ -].*(train|trng|training|hosting)' },
    'training',
  ),
  rule('openai', SERVICES, { service: OPENAI }, 'model API'),
  rule(
    'gpu-sizes',
    SIZES,
    {
      service:
        '^(virtual machines|virtual machine scale sets|azure machine learning|azure kubernetes service)$',
      machine: '^standard_n[cdgv]',
    },
    'GPU compute',
  ),
  rule(
    'gpu-meters',
    SIZES,
    { service: '^(virtual machines|virtual machine scale sets)$', meter: '(^|[ /])n[cdgv][0-9]+[a-z]*' },
    'GPU compute',
  ),
  rule(
    'no-place-for-ai',
    SERVICES,
    {
      service:
        '^(virtual network|load balancer|azure dns|azure front door|content delivery network|key vault|azure firewall|azure bastion|vpn gateway|expressroute|application gateway|microsoft defender.*|network watcher|bandwidth|service bus|event grid|ip addresses)$',
    },
    'not AI',
  ),
];
