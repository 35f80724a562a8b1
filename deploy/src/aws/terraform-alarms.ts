import { evaluationsOf, periodOf, type Alarm, type Dimension } from './alarms.ts';

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
    evaluation_periods: evaluationsOf(alarm),
    treat_missing_data: 'notBreaching',
    alarm_actions: ['${var.alarm_topic_arn}'],
    ok_actions: ['${var.alarm_topic_arn}'],
  };
};

const PLACES = { Second: 0, Third: 1 } as const;

const single = (alarm: Alarm) => ({
  namespace: alarm.namespace,
  metric_name: alarm.metric,
  dimensions: Object.fromEntries((alarm.series[0] ?? []).map(entry)),
  statistic: alarm.statistic,
  period: periodOf(alarm),
});

const added = (alarm: Alarm) => [
  ...alarm.series.map((dimensions, i) => ({
    id: `m${i}`,
    metric: [
      {
        namespace: alarm.namespace,
        metric_name: alarm.metric,
        dimensions: Object.fromEntries(dimensions.map(entry)),
        period: periodOf(alarm),
        stat: alarm.statistic,
      },
    ],
  })),
  { id: 'total', expression: 'SUM(METRICS())', label: alarm.metric, return_data: true },
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
