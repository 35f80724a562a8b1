import type { Role } from './permissions.ts';

/** How an ARN, and the key's, are written in one form of a policy: CloudFormation, Terraform, or a document to read. */
export interface Writing<T> {
  /** `part` is `/index/<name>`, or nothing; between the two stands the suffix of tables that were restored. */
  readonly resource: (table: string, part: string) => T;
  readonly key: T;
  /** `dynamodb.<region>.amazonaws.com`. */
  readonly viaService: T;
}

/** With a key of the customer's, DynamoDB reads with it on behalf of the caller; to make a table it also needs a grant. */
const KEY_ACTIONS = ['kms:Decrypt'];
const MAKER_KEY_ACTIONS = ['kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey'];

/** The statements of a role, each on named resources; the last is about the key, and only by way of DynamoDB. */
export const statementsOf = <T>({ permissions, makesTables }: Role, writing: Writing<T>) => ({
  tables: permissions.map(({ sid, actions, on }) => ({
    Sid: sid,
    Effect: 'Allow',
    Action: actions.map((action) => `dynamodb:${action}`).toSorted(),
    Resource: on.map((path) => writing.resource(...split(path))),
  })),
  key: {
    Sid: 'Key',
    Effect: 'Allow',
    Action: makesTables ? MAKER_KEY_ACTIONS : KEY_ACTIONS,
    Resource: [writing.key],
    Condition: { StringEquals: { 'kms:ViaService': [writing.viaService] } },
  },
});

const split = (path: string): [table: string, part: string] => {
  const at = path.indexOf('/');
  return at < 0 ? [path, ''] : [path.slice(0, at), path.slice(at)];
};

const AS_TEXT: Writing<string> = {
  resource: (table, part) =>
    `arn:aws:dynamodb:\${AWS_REGION}:\${AWS_ACCOUNT_ID}:table/\${TABLE_PREFIX}${table}\${TABLE_SUFFIX}${part}`,
  key: '${KMS_KEY_ARN}',
  viaService: 'dynamodb.${AWS_REGION}.amazonaws.com',
};

/** A policy as a document, to be read, and for those who use neither CloudFormation nor Terraform: envsubst fills it in. */
export const policyDocument = (role: Role) => {
  const { tables, key } = statementsOf(role, AS_TEXT);
  return { Version: '2012-10-17', Statement: [...tables, key] };
};
