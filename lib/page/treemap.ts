import type { EChartsCoreOption } from 'echarts/core';
import type { PageNode } from '../digest/page-model.ts';
import type { Theme } from './theme.ts';

/** One level of spend as a treemap; what is beneath a shape is opened by the page, not by the library. */
export function treeOption(nodes: readonly PageNode[], theme: Theme): EChartsCoreOption {
  return {
    animation: false,
    tooltip: {
      renderMode: 'richText',
      backgroundColor: theme.card,
      borderColor: theme.line,
      textStyle: { color: theme.ink, fontFamily: theme.font, fontSize: 12 },
      confine: true,
      formatter: ({ dataIndex }: { dataIndex: number }) => {
        const node = nodes[dataIndex - 1];
        return node === undefined ? '' : `${node[0]}\n${node[1]}`;
      },
    },
    series: [
      {
        type: 'treemap',
        left: 0,
        right: 0,
        top: 0,
        bottom: 0,
        roam: false,
        nodeClick: false,
        breadcrumb: { show: false },
        animation: false,
        label: {
          color: theme.ink,
          fontFamily: theme.font,
          fontSize: 12,
          lineHeight: 16,
          overflow: 'truncate',
          formatter: ({ dataIndex }: { dataIndex: number }) => {
            const node = nodes[dataIndex - 1];
            return node === undefined ? '' : `${node[0]}\n${node[1]}`;
          },
        },
        itemStyle: { color: theme.pale, borderColor: theme.card, borderWidth: 2, gapWidth: 0 },
        emphasis: { itemStyle: { borderColor: theme.accent }, label: { color: theme.ink } },
        data: nodes.map(([, , value], at) => ({ name: String(at), value, itemStyle: { color: theme.pale } })),
      },
    ],
  };
}
