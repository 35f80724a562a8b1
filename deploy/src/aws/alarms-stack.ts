import { evaluationsOf, periodOf, type Alarm, type Dimension } from './alarms.ts';
import { ENVIRONMENT, HAS_NAMESPACE, isSet, logicalId, NAMESPACE, optionalText, ref, sub, tableName } from './intrinsics.ts';

export const alarmsStack = (alarms: readonly Alarm[]) => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'Plaza: alarms on what DynamoDB and the cache tell of themselves.',
  Parameters: {
    ...ENVIRONMENT,
    ...NAMESPACE,
    AlarmTopicArn: { Type: 'String', Description: 'The SNS topic that wakes somebody.' },
    SecondRegion: optionalText('As in the stack of the tables.'),
    ThirdRegion: optionalText('As in the stack of the tables.'),
  },
  Conditions: { ...HAS_NAMESPACE, HasSecondRegion: isSet('SecondRegion'), HasThirdRegion: isSet('ThirdRegion') },
  Resources: Object.fromEntries(alarms.map((alarm) => [logicalId(alarm.name), alarmResource(alarm)])),
});

const alarmResource = (alarm: Alarm) => {
  const region = alarm.series.flat().find((dimension) => dimension.name === 'ReceivingRegion')?.region;
  return {
    Type: 'AWS::CloudWatch::Alarm',
    ...(region && { Condition: `Has${region}Region` }),
    Properties: {
      AlarmName: sub(`plaza-\${Environment}-${alarm.name}`),
      AlarmDescription: `${alarm.summary} docs/runbooks/${alarm.runbook}.md`,
      ...(alarm.series.length > 1 ? added(alarm) : single(alarm)),
      Threshold: alarm.above,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: evaluationsOf(alarm),
      // Of most of them nothing is told while all is well.
      TreatMissingData: 'notBreaching',
      AlarmActions: [ref('AlarmTopicArn')],
      OKActions: [ref('AlarmTopicArn')],
    },
  };
};

const single = (alarm: Alarm) => ({
  Namespace: alarm.namespace,
  MetricName: alarm.metric,
  Dimensions: (alarm.series[0] ?? []).map(dimension),
  Statistic: alarm.statistic,
  Period: periodOf(alarm),
});

const added = (alarm: Alarm) => ({
  Metrics: [
    ...alarm.series.map((dimensions, i) => ({
      Id: `m${i}`,
      ReturnData: false,
      MetricStat: {
        Metric: { Namespace: alarm.namespace, MetricName: alarm.metric, Dimensions: dimensions.map(dimension) },
        Period: periodOf(alarm),
        Stat: alarm.statistic,
      },
    })),
    { Id: 'total', Expression: 'SUM(METRICS())', Label: alarm.metric, ReturnData: true },
  ],
});

const dimension = (of: Dimension) => ({ Name: of.name, Value: valueOf(of) });

const valueOf = (of: Dimension): unknown => {
  switch (of.name) {
    case 'TableName':
      return tableName(of.table);
    case 'CacheClusterId':
      return sub(`plaza-\${Environment}-00${of.node}`);
    case 'ReceivingRegion':
      return ref(`${of.region}Region`);
    case 'Operation':
    case 'GlobalSecondaryIndexName':
      return of.value;
  }
};
