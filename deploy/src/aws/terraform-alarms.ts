import type { Alarm, Dimension } from './alarms.ts';

const MINUTE = 60;

export const terraformAlarms = (alarms: readonly Alarm[]) => ({
  resource: { aws_cloudwatch_metric_alarm: Object.fromEntries(alarms.map((alarm) => [alarm.name, alarmResource(alarm)])) },
});

const alarmResource = (alarm: Alarm) => {
  const region = alarm.series.flat().find((dimension) => dimension.name === 'ReceivingRegion')?.region;
  return {
    ...(region && { count: `\${length(local.replica_regions) > ${PLACES[region]} ? 1 : 0}` }),
    alarm_name: `plaza-\${var.environment}-${alarm.name}`,
    alarm_description: `${alarm.summary} docs/runbooks/${alarm.runbook}.md`,
    ...(alarm.series.length > 1 ? { metric_query: added(alarm) } : single(alarm)),
    threshold: alarm.above,
    comparison_operator: 'GreaterThanThreshold',
    evaluation_periods: alarm.minutes,
    treat_missing_data: 'notBreaching',
    alarm_actions: ['${var.alarm_topic_arn}'],
    ok_actions: ['${var.alarm_topic_arn}'],
  };
};

const PLACES = { Second: 0, Third: 1 } as const;

const single = ({ namespace, metric, statistic, series: [dimensions = []] }: Alarm) => ({
  namespace,
  metric_name: metric,
  dimensions: Object.fromEntries(dimensions.map(entry)),
  ...(statistic.startsWith('p') ? { extended_statistic: statistic } : { statistic }),
  period: MINUTE,
});

const added = ({ namespace, metric, statistic, series }: Alarm) => [
  ...series.map((dimensions, i) => ({
    id: `m${i}`,
    metric: [
      { namespace, metric_name: metric, dimensions: Object.fromEntries(dimensions.map(entry)), period: MINUTE, stat: statistic },
    ],
  })),
  { id: 'total', expression: 'SUM(METRICS())', label: metric, return_data: true },
];

const entry = (of: Dimension): [string, string] => [of.name, valueOf(of)];

const valueOf = (of: Dimension): string => {
  switch (of.name) {
    case 'TableName':
      return `\${local.prefix}${of.table}`;
    case 'CacheClusterId':
      return `plaza-\${var.environment}-00${of.node}`;
    case 'ReceivingRegion':
      return `\${local.replica_regions[${PLACES[of.region]}]}`;
    case 'Operation':
    case 'GlobalSecondaryIndexName':
      return of.value;
  }
};
