import { createTableInput, TTL_ATTRIBUTE, type Table } from '@plaza/dynamo';

import { CAPACITY } from './capacity.ts';
import {
  either,
  ENVIRONMENT,
  getAtt,
  HAS_NAMESPACE,
  isSet,
  logicalId,
  NAMESPACE,
  noValue,
  optionalText,
  ref,
  sub,
  tableName,
  when,
} from './intrinsics.ts';

/**
 * Tables as one CloudFormation stack. A global table of one region is an ordinary table to DynamoDB, and can get more regions
 * without being made anew; its resource also scales itself and its indexes.
 */
export const tablesStack = (description: string, tables: readonly Table[]) => {
  const replicated = tables.some(({ derived }) => !derived);
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: description,
    Parameters: {
      ...ENVIRONMENT,
      ...NAMESPACE,
      BillingMode: {
        Type: 'String',
        Default: 'PAY_PER_REQUEST',
        AllowedValues: ['PAY_PER_REQUEST', 'PROVISIONED'],
        Description: `On demand, or provisioned and scaled between ${CAPACITY.min} and ${CAPACITY.max} units by ${CAPACITY.targetPercent} % of use.`,
      },
      KmsKeyArn: optionalText("Customer's key of this region. Empty: the key that AWS manages for DynamoDB."),
      ...(replicated && REPLICA_PARAMETERS),
    },
    Conditions: {
      ...HAS_NAMESPACE,
      Provisioned: { 'Fn::Equals': [ref('BillingMode'), 'PROVISIONED'] },
      HasKmsKey: isSet('KmsKeyArn'),
      ...(replicated && REPLICA_CONDITIONS),
    },
    Resources: Object.fromEntries(tables.map((table) => [logicalId(table.name), globalTable(table)])),
    Outputs: Object.fromEntries(tables.flatMap(outputs)),
  };
};

const REPLICAS = ['Second', 'Third'] as const;

const REPLICA_PARAMETERS = Object.fromEntries(
  REPLICAS.flatMap((nth) => [
    [`${nth}Region`, optionalText('Another region that holds the tables too. Empty: none.')],
    [`${nth}RegionKmsKeyArn`, optionalText("Customer's key of that region; needed there if this region has one.")],
  ]),
);

const REPLICA_CONDITIONS = Object.fromEntries(REPLICAS.map((nth) => [`Has${nth}Region`, isSet(`${nth}Region`)]));

const globalTable = (table: Table) => {
  const { AttributeDefinitions, KeySchema, StreamSpecification, GlobalSecondaryIndexes } = createTableInput(table, '');
  const indexes = GlobalSecondaryIndexes?.map((index) => ({ ...index, WriteProvisionedThroughputSettings: WRITES }));
  const here = replica(table, ref('AWS::Region'), either('HasKmsKey', { KMSMasterKeyId: ref('KmsKeyArn') }, noValue));
  const elsewhere = REPLICAS.map((nth) => {
    const key = when('HasKmsKey', { KMSMasterKeyId: ref(`${nth}RegionKmsKeyArn`) });
    return when(`Has${nth}Region`, replica(table, ref(`${nth}Region`), key));
  });
  return {
    Type: 'AWS::DynamoDB::GlobalTable',
    // Whatever becomes of the stack, the rows stay.
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      TableName: tableName(table.name),
      BillingMode: ref('BillingMode'),
      AttributeDefinitions,
      KeySchema,
      ...(indexes && { GlobalSecondaryIndexes: indexes }),
      WriteProvisionedThroughputSettings: WRITES,
      ...(StreamSpecification && { StreamSpecification: { StreamViewType: StreamSpecification.StreamViewType } }),
      TimeToLiveSpecification: { Enabled: true, AttributeName: TTL_ATTRIBUTE },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      Replicas: table.derived ? [here] : [here, ...elsewhere],
    },
  };
};

const replica = (table: Table, region: unknown, encryption: unknown) => {
  const indexes = Object.keys(table.indexes).map((IndexName) => ({ IndexName, ReadProvisionedThroughputSettings: READS }));
  return {
    Region: region,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: !table.derived },
    DeletionProtectionEnabled: true,
    SSESpecification: encryption,
    ReadProvisionedThroughputSettings: READS,
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
    Tags: [
      { Key: 'application', Value: 'plaza' },
      { Key: 'environment', Value: ref('Environment') },
      { Key: 'data', Value: table.derived ? 'derived' : 'truth' },
    ],
  };
};

const scaling = {
  MinCapacity: CAPACITY.min,
  MaxCapacity: CAPACITY.max,
  TargetTrackingScalingPolicyConfiguration: { TargetValue: CAPACITY.targetPercent },
};
const WRITES = when('Provisioned', { WriteCapacityAutoScalingSettings: scaling });
const READS = when('Provisioned', { ReadCapacityAutoScalingSettings: scaling });

const outputs = (table: Table) => {
  const id = logicalId(table.name);
  const exported = (what: string, value: unknown) => ({
    Value: value,
    Export: { Name: sub(`\${AWS::StackName}-${id}${what}`) },
  });
  return [
    [`${id}Name`, exported('Name', ref(id))],
    [`${id}Arn`, exported('Arn', getAtt(id, 'Arn'))],
    ...(table.derived ? [] : [[`${id}StreamArn`, exported('StreamArn', getAtt(id, 'StreamArn'))]]),
  ] as [string, unknown][];
};
