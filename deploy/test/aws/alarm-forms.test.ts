import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { alarms, evaluationsOf, periodOf, type Alarm, type Dimension } from '../../src/aws/alarms.ts';

test('CloudFormation and Terraform have the alarms that are declared, and nothing else', () => {
  const declared = Object.fromEntries(alarms().map((alarm) => [alarm.name, declaredForm(alarm)]));
  expect(
    Object.fromEntries(Object.values(stack).map((one) => [nameIn(one.Properties.AlarmName['Fn::Sub']), stackForm(one)])),
  ).toEqual(declared);
  expect(Object.fromEntries(Object.values(module).map((one) => [nameIn(one.alarm_name), moduleForm(one)]))).toEqual(declared);
});

/** What both forms come down to: each series as its dimensions, a line each. */
interface Form {
  readonly metric: string;
  readonly statistic: string;
  readonly series: readonly (readonly string[])[];
  readonly above: number;
  readonly periodS: number;
  readonly evaluations: number;
  readonly tells: string;
  readonly onlyWith: string | undefined;
}

const declaredForm = (alarm: Alarm): Form => ({
  metric: `${alarm.namespace} ${alarm.metric}`,
  statistic: alarm.statistic,
  series: alarm.series.map((dimensions) => dimensions.map((one) => `${one.name} ${valueOf(one)}`)),
  above: alarm.above,
  periodS: periodOf(alarm),
  evaluations: evaluationsOf(alarm),
  tells: `${alarm.summary} docs/runbooks/${alarm.runbook}.md`,
  onlyWith: alarm.series.flat().flatMap((one) => (one.name === 'ReceivingRegion' ? one.region : []))[0],
});

const valueOf = (dimension: Dimension): string => {
  switch (dimension.name) {
    case 'TableName':
      return dimension.table;
    case 'CacheClusterId':
      return `plaza-*-00${dimension.node}`;
    case 'ReceivingRegion':
      return dimension.region;
    case 'Operation':
    case 'GlobalSecondaryIndexName':
      return dimension.value;
  }
};

const nameIn = (text: string): string => text.replace(/^plaza-\$\{[\w.]+\}-/, '');
const derived = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../aws/derived/${path}`, import.meta.url), 'utf8'));

interface StackMetric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
}
interface StackAlarm {
  readonly Condition?: string;
  readonly Properties: StackMetric & {
    readonly AlarmName: { readonly 'Fn::Sub': string };
    readonly AlarmDescription: string;
    readonly Statistic: string;
    readonly Period: number;
    readonly Metrics?: readonly {
      readonly MetricStat?: { readonly Metric: StackMetric; readonly Period: number; readonly Stat: string };
    }[];
    readonly Threshold: number;
    readonly EvaluationPeriods: number;
  };
}
const { Resources: stack } = derived('cloudformation/alarms.json') as { Resources: Readonly<Record<string, StackAlarm>> };

/** Of a choice the arm without a namespace; of a text and a reference what is the installation's own as a star. */
const stackValue = (value: unknown): string => {
  const {
    'Fn::If': choice,
    'Fn::Sub': text,
    Ref: parameter,
  } = value as { 'Fn::If'?: unknown[]; 'Fn::Sub'?: string; Ref?: string };
  return String(choice?.[2] ?? text?.replace('${Environment}', '*') ?? parameter?.replace('Region', '') ?? value);
};

const stackForm = ({ Condition, Properties }: StackAlarm): Form => {
  const added = Properties.Metrics?.flatMap(({ MetricStat }) => MetricStat ?? []);
  const metrics = added?.map(({ Metric }) => Metric) ?? [Properties];
  return {
    metric: [...new Set(metrics.map(({ Namespace, MetricName }) => `${Namespace} ${MetricName}`))].join(),
    statistic: [...new Set(added?.map(({ Stat }) => Stat) ?? [Properties.Statistic])].join(),
    series: metrics.map(({ Dimensions }) => Dimensions.map(({ Name, Value }) => `${Name} ${stackValue(Value)}`)),
    above: Properties.Threshold,
    periodS: added?.[0]?.Period ?? Properties.Period,
    evaluations: Properties.EvaluationPeriods,
    tells: Properties.AlarmDescription,
    onlyWith: /^Has(\w+)Region$/.exec(Condition ?? '')?.[1],
  };
};

interface ModuleMetric {
  readonly namespace: string;
  readonly metric_name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly period: number;
}
interface ModuleAlarm extends ModuleMetric {
  readonly alarm_name: string;
  readonly alarm_description: string;
  readonly count?: string;
  readonly statistic: string;
  readonly metric_query?: readonly { readonly metric?: readonly [ModuleMetric & { readonly stat: string }] }[];
  readonly threshold: number;
  readonly evaluation_periods: number;
}
const module = (
  derived('terraform/alarms.tf.json') as { resource: { aws_cloudwatch_metric_alarm: Readonly<Record<string, ModuleAlarm>> } }
).resource.aws_cloudwatch_metric_alarm;

const PLACES: Readonly<Record<string, string>> = { 0: 'Second', 1: 'Third' };

const moduleValue = (text: string): string =>
  text
    .replace('${local.prefix}', '')
    .replace('${var.environment}', '*')
    .replace(/^\$\{local\.replica_regions\[(\d)\]\}$/, (_, place: string) => PLACES[place]!);

const moduleForm = (alarm: ModuleAlarm): Form => {
  const added = alarm.metric_query?.flatMap(({ metric }) => metric ?? []);
  const metrics: readonly ModuleMetric[] = added ?? [alarm];
  return {
    metric: [...new Set(metrics.map(({ namespace, metric_name: name }) => `${namespace} ${name}`))].join(),
    statistic: [...new Set(added?.map(({ stat }) => stat) ?? [alarm.statistic])].join(),
    series: metrics.map(({ dimensions }) => Object.entries(dimensions).map(([name, value]) => `${name} ${moduleValue(value)}`)),
    above: alarm.threshold,
    periodS: metrics[0]!.period,
    evaluations: alarm.evaluation_periods,
    tells: alarm.alarm_description,
    onlyWith: PLACES[/^\$\{length\(local\.replica_regions\) > (\d) \? 1 : 0\}$/.exec(alarm.count ?? '')?.[1] ?? ''],
  };
};
