import { REDIS_USERS } from '../redis-users.ts';
import { CACHE } from './cache-settings.ts';
import { ENVIRONMENT, getAtt, isSet, logicalId, optionalText, ref, sub, when } from './intrinsics.ts';

const TAGS = [
  { Key: 'application', Value: 'plaza' },
  { Key: 'environment', Value: ref('Environment') },
];

const userResource = (name: string, rules: string) => ({
  Type: 'AWS::ElastiCache::User',
  Properties: {
    UserId: sub(`plaza-\${Environment}-${name}`),
    UserName: name,
    Engine: CACHE.engine,
    AccessString: `on ${rules}`,
    AuthenticationMode: {
      Type: 'password',
      Passwords: [sub(`{{resolve:secretsmanager:\${UsersPath}${name}:SecretString}}`)],
    },
    Tags: TAGS,
  },
});

/** One replication group over several zones, encrypted both ways, with a user for each service and one for who operates it. No snapshots: nothing in it is truth. */
export const cacheStack = () => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'Plaza: the cache.',
  Parameters: {
    ...ENVIRONMENT,
    SubnetIds: { Type: 'List<AWS::EC2::Subnet::Id>', Description: 'Private subnets in two zones or more.' },
    SecurityGroupIds: { Type: 'List<AWS::EC2::SecurityGroup::Id>', Description: 'They let the pods in, on port 6379.' },
    NodeType: { Type: 'String', Default: 'cache.r7g.large', Description: 'Size of each node.' },
    UsersPath: {
      Type: 'String',
      Default: 'plaza/redis/',
      Description: 'Secrets Manager holds the password of each user by this name and the user’s.',
    },
    KmsKeyArn: optionalText("Customer's key. Empty: the key that AWS manages."),
  },
  Conditions: { HasKmsKey: isSet('KmsKeyArn') },
  Resources: {
    Subnets: {
      Type: 'AWS::ElastiCache::SubnetGroup',
      Properties: { Description: 'Plaza', SubnetIds: ref('SubnetIds'), Tags: TAGS },
    },
    Settings: {
      Type: 'AWS::ElastiCache::ParameterGroup',
      Properties: {
        CacheParameterGroupFamily: CACHE.family,
        Description: 'Plaza',
        Properties: CACHE.parameters,
        Tags: TAGS,
      },
    },
    ...Object.fromEntries(
      Object.entries(REDIS_USERS).map(([name, rules]) => [`${logicalId(name)}User`, userResource(name, rules)]),
    ),
    Users: {
      Type: 'AWS::ElastiCache::UserGroup',
      Properties: {
        UserGroupId: sub('plaza-${Environment}'),
        Engine: CACHE.engine,
        UserIds: Object.keys(REDIS_USERS).map((name) => ref(`${logicalId(name)}User`)),
        Tags: TAGS,
      },
    },
    Cache: {
      Type: 'AWS::ElastiCache::ReplicationGroup',
      Properties: {
        ReplicationGroupId: sub('plaza-${Environment}'),
        ReplicationGroupDescription: 'Plaza',
        Engine: CACHE.engine,
        EngineVersion: CACHE.version,
        CacheNodeType: ref('NodeType'),
        NumCacheClusters: CACHE.nodes,
        AutomaticFailoverEnabled: true,
        MultiAZEnabled: true,
        TransitEncryptionEnabled: true,
        TransitEncryptionMode: 'required',
        AtRestEncryptionEnabled: true,
        KmsKeyId: when('HasKmsKey', ref('KmsKeyArn')),
        CacheParameterGroupName: ref('Settings'),
        CacheSubnetGroupName: ref('Subnets'),
        SecurityGroupIds: ref('SecurityGroupIds'),
        UserGroupIds: [ref('Users')],
        SnapshotRetentionLimit: 0,
        AutoMinorVersionUpgrade: true,
        Tags: TAGS,
      },
    },
  },
  Outputs: {
    Endpoint: {
      Description: 'For REDIS_URL: rediss://<service>:<password>@<endpoint>:6379',
      Value: getAtt('Cache', 'PrimaryEndPoint.Address'),
      Export: { Name: sub('${AWS::StackName}-Endpoint') },
    },
  },
});
