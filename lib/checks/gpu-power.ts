import type { Resource } from '../estate/model.ts';

/** The most that one device may draw, in watts, and who says so. */
export interface PowerLimit {
  readonly watts: number;
  readonly source: string;
}

/**
 * Board power limits, by model. Where NVIDIA sells one name in several forms, or sources differ, the lowest stands here,
 * since no description of a machine type tells the form: the higher the limit, the sooner a card would count as at rest.
 * Each `source` says where the number was read, in November 2026; other forms of a name have higher limits (A10G 300 W
 * by nvidia-smi on G5, V100 SXM2 300 W, A100 SXM4 400 W, H100 SXM5 and H200 SXM 700 W). A model that is not here has
 * no limit that was read anywhere certain; it is better left out than guessed.
 *
 * Idle cards draw far less than a third of it: an H100 that holds nothing reads 64 W (NVIDIA DGX user guide, "Querying
 * the Current GPU Power Limit"); a process that holds a CUDA context adds 26 to 66 W on H100, A100 and L40S however
 * much memory it holds (arXiv 2605.23918, "The Model Parking Tax").
 */
const LIMITS: ReadonlyMap<string, PowerLimit> = new Map([
  ['t4', { watts: 70, source: 'NVIDIA T4 product brief, maximum power limit' }],
  ['l4', { watts: 72, source: 'cap that nvidia-smi shows of an L4 on a g2-standard-8' }],
  ['a10g', { watts: 150, source: 'A10 by catalogues, the lower of A10 and A10G' }],
  ['l40s', { watts: 350, source: 'NVIDIA L40S, max power consumption as resellers quote its data sheet' }],
  ['v100', { watts: 250, source: 'Tesla V100 for PCIe, announced June 2017' }],
  ['a100', { watts: 250, source: 'A100 for PCIe, announced June 2020' }],
  ['a100-80gb', { watts: 250, source: 'A100 80GB for PCIe, announced June 2021' }],
  ['h100', { watts: 350, source: 'NVIDIA H100 PCIe product brief PB-11133-001' }],
  ['h200', { watts: 600, source: 'H200 NVL (One Stop Systems, power of add-in cards)' }],
]);

/** Names of Google for what is listed under another: `nvidia-h100-mega-80gb`. */
const SAME: ReadonlyMap<string, string> = new Map([
  ['h100-80gb', 'h100'],
  ['h100-mega-80gb', 'h100'],
  ['h200-141gb', 'h200'],
]);

/**
 * The limit of each device of a machine: of the lowest kind where it has several. Null where one of them is not known,
 * or is a part of a card, whose power is that of the whole card and of others.
 */
export function powerLimit({ accelerators }: Resource): PowerLimit | null {
  let lowest: PowerLimit | null = null;
  for (const { kind, count } of accelerators) {
    const name = modelOf(kind);
    const limit = LIMITS.get(SAME.get(name) ?? name);
    if (limit === undefined || !Number.isInteger(count)) return null;
    if (lowest === null || limit.watts < lowest.watts) lowest = limit;
  }
  return lowest;
}

/** `t4` of `NVIDIA T4`, `nvidia-tesla-t4` and `NVIDIA_TESLA_T4`. A virtual card has a name that is longer: not the same. */
function modelOf(kind: string): string {
  return kind
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-')
    .replace(/^nvidia-/, '')
    .replace(/^tesla-/, '');
}
