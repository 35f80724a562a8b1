import {
  ENVIRONMENT,
  HAS_NAMESPACE,
  isSet,
  logicalId,
  NAMESPACE,
  noValue,
  either,
  optionalText,
  ref,
  sub,
  getAtt,
} from './intrinsics.ts';
import type { Role } from './permissions.ts';
import { statementsOf, type Writing } from './policy.ts';

/**
 * One role for each process and job. With an OIDC provider they are assumed by the service account of the same name (IRSA), else
 * by EKS Pod Identity.
 */
export const rolesStack = (roles: readonly Role[]) => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: 'Plaza: a role for each process and job, each with what it needs of DynamoDB and nothing else.',
  Parameters: {
    ...ENVIRONMENT,
    ...NAMESPACE,
    KubernetesNamespace: { Type: 'String', Default: 'plaza', Description: 'Where the service accounts are.' },
    OidcProvider: optionalText('The cluster’s issuer without https://. Empty: the roles are for EKS Pod Identity.'),
    TableSuffix: optionalText('Of the tables that were restored, with its dash: -20261129. Empty: the tables as they were made.'),
    KmsKeyArn: optionalText("Customer's key of the tables. Empty: none, and nothing about keys is allowed."),
  },
  Conditions: { ...HAS_NAMESPACE, HasOidcProvider: isSet('OidcProvider'), HasKmsKey: isSet('KmsKeyArn') },
  Resources: Object.fromEntries(roles.map((role) => [`${logicalId(role.name)}Role`, roleResource(role)])),
  Outputs: Object.fromEntries(
    roles.map(({ name }) => [
      `${logicalId(name)}RoleArn`,
      { Value: getAtt(`${logicalId(name)}Role`, 'Arn'), Export: { Name: sub(`\${AWS::StackName}-${logicalId(name)}RoleArn`) } },
    ]),
  ),
});

const TABLE = 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/';

const WRITING: Writing<unknown> = {
  resource: (table, part) => {
    const name = `${table}\${TableSuffix}${part}`;
    return either('HasNamespace', sub(`${TABLE}\${Namespace}-${name}`), sub(`${TABLE}${name}`));
  },
  key: ref('KmsKeyArn'),
  viaService: sub('dynamodb.${AWS::Region}.amazonaws.com'),
};

const roleResource = (role: Role) => {
  const { tables, key } = statementsOf(role, WRITING);
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: sub(`plaza-\${Environment}-${role.name}`),
      AssumeRolePolicyDocument: either('HasOidcProvider', bySignedToken(role.name), BY_POD_IDENTITY),
      Policies: [
        {
          PolicyName: 'dynamodb',
          PolicyDocument: { Version: '2012-10-17', Statement: [...tables, either('HasKmsKey', key, noValue)] },
        },
      ],
      Tags: [
        { Key: 'application', Value: 'plaza' },
        { Key: 'environment', Value: ref('Environment') },
      ],
    },
  };
};

/** A condition's keys cannot hold a function, so that the provider's name is put into the whole document as text. */
const bySignedToken = (name: string) =>
  sub(
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:oidc-provider/${OidcProvider}' },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: {
              '${OidcProvider}:aud': 'sts.amazonaws.com',
              '${OidcProvider}:sub': `system:serviceaccount:\${KubernetesNamespace}:${name}`,
            },
          },
        },
      ],
    }),
  );

const BY_POD_IDENTITY = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'pods.eks.amazonaws.com' },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
      Condition: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } },
    },
  ],
};
