/** A metric that CloudWatch has: by which dimensions it is kept, which statistics of it mean something, and how often it is told. */
export interface MetricFacts {
  readonly by: readonly (readonly string[])[];
  readonly statistics: readonly string[];
  readonly everyS: 60 | 300;
}

const counted = (...by: readonly (readonly string[])[]): MetricFacts => ({ by, statistics: ['Sum'], everyS: 60 });
const ofNode = (...statistics: readonly string[]): MetricFacts => ({ by: [['CacheClusterId']], statistics, everyS: 60 });
/** What DynamoDB adds up every five minutes: by the minute four figures in five are missing, and an alarm that waits for five stays silent. */
const slow = (...by: readonly (readonly string[])[]): MetricFacts => ({ by, statistics: ['Average', 'Maximum'], everyS: 300 });

/**
 * An alarm on other ones, by other dimensions, or more often, stays silent for ever.
 * Sources: "DynamoDB Metrics and dimensions", "Metrics for Valkey and Redis OSS" in the vendor's documentation.
 */
export const METRICS = {
  'AWS/DynamoDB': {
    ReadThrottleEvents: counted(['TableName'], ['TableName', 'GlobalSecondaryIndexName']),
    WriteThrottleEvents: counted(['TableName'], ['TableName', 'GlobalSecondaryIndexName']),
    SystemErrors: counted(['TableName', 'Operation']),
    // No percentiles: DynamoDB sends what it has added up.
    SuccessfulRequestLatency: { by: [['TableName', 'Operation']], statistics: ['Average', 'Maximum'], everyS: 60 },
    TransactionConflict: counted(['TableName']),
    ReplicationLatency: slow(['TableName', 'ReceivingRegion']),
    UserErrors: counted([]),
    AccountProvisionedReadCapacityUtilization: slow([]),
    AccountProvisionedWriteCapacityUtilization: slow([]),
  },
  'AWS/ElastiCache': {
    EngineCPUUtilization: ofNode('Average', 'Maximum'),
    DatabaseMemoryUsagePercentage: ofNode('Average', 'Maximum'),
    Evictions: ofNode('Sum'),
    CurrConnections: ofNode('Average', 'Maximum'),
    ReplicationLag: ofNode('Average', 'Maximum'),
    AuthenticationFailures: ofNode('Sum'),
    CommandAuthorizationFailures: ofNode('Sum'),
    KeyAuthorizationFailures: ofNode('Sum'),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, MetricFacts>>>>;

export type Namespace = keyof typeof METRICS;
export type Metric = { [N in Namespace]: keyof (typeof METRICS)[N] }[Namespace];

/** What is known of a metric; undefined when its namespace has none of that name. */
export const factsOf = (namespace: Namespace, metric: string): MetricFacts | undefined =>
  (METRICS[namespace] as Readonly<Record<string, MetricFacts>>)[metric];
