/** What CloudFormation works out itself, as it wants it written in JSON. */
export const ref = (name: string) => ({ Ref: name });
export const sub = (text: string) => ({ 'Fn::Sub': text });
export const getAtt = (resource: string, attribute: string) => ({ 'Fn::GetAtt': [resource, attribute] });
export const either = (condition: string, then: unknown, otherwise: unknown) => ({ 'Fn::If': [condition, then, otherwise] });
export const noValue = ref('AWS::NoValue');
export const when = (condition: string, then: unknown) => either(condition, then, noValue);
export const isSet = (parameter: string) => ({ 'Fn::Not': [{ 'Fn::Equals': [ref(parameter), ''] }] });

/** An optional text: empty unless given. */
export const optionalText = (description: string) => ({ Type: 'String', Default: '', Description: description });

export const ENVIRONMENT = {
  Environment: { Type: 'String', Default: 'production', Description: 'Tag of all that is made, and part of its name.' },
};

export const NAMESPACE = {
  Namespace: optionalText('NAMESPACE of the services: prefix of the tables with a dash behind it. Empty for none.'),
};

/** Where NAMESPACE is a parameter: the physical name of a table, as physicalName in libs/dynamo makes it. */
export const HAS_NAMESPACE = { HasNamespace: isSet('Namespace') };
export const tableName = (name: string) => either('HasNamespace', sub(`\${Namespace}-${name}`), name);

/** posts, home_feed → Posts, HomeFeed; feed-worker → FeedWorker. */
export const logicalId = (name: string): string =>
  name.replaceAll(/(^|[-_])(\w)/g, (_, __, first: string) => first.toUpperCase());
