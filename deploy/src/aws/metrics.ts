/**
 * Metrics that CloudWatch has, each with the dimensions by which it is kept: an alarm on other ones stays silent for ever.
 * Sources: "DynamoDB Metrics and dimensions", "Metrics for Valkey and Redis OSS" in the vendor's documentation.
 */
export const METRICS = {
  'AWS/DynamoDB': {
    ReadThrottleEvents: [['TableName'], ['TableName', 'GlobalSecondaryIndexName']],
    WriteThrottleEvents: [['TableName'], ['TableName', 'GlobalSecondaryIndexName']],
    SystemErrors: [['TableName', 'Operation']],
    SuccessfulRequestLatency: [['TableName', 'Operation']],
    TransactionConflict: [['TableName']],
    ReplicationLatency: [['TableName', 'ReceivingRegion']],
    UserErrors: [[]],
    AccountProvisionedReadCapacityUtilization: [[]],
    AccountProvisionedWriteCapacityUtilization: [[]],
  },
  'AWS/ElastiCache': {
    EngineCPUUtilization: [['CacheClusterId']],
    DatabaseMemoryUsagePercentage: [['CacheClusterId']],
    Evictions: [['CacheClusterId']],
    CurrConnections: [['CacheClusterId']],
    ReplicationLag: [['CacheClusterId']],
    AuthenticationFailures: [['CacheClusterId']],
    CommandAuthorizationFailures: [['CacheClusterId']],
    KeyAuthorizationFailures: [['CacheClusterId']],
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, readonly (readonly string[])[]>>>>;

export type Namespace = keyof typeof METRICS;
export type Metric = { [N in Namespace]: keyof (typeof METRICS)[N] }[Namespace];
