import { getOption, ScalarType, toBinary, type DescMethod } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { Policy } from '@plaza/proto/plaza/common/v1/policy';

import type { MethodDefinition, ServiceDefinition } from './definition.ts';
import { image } from './image.ts';
import { limitsOf, type CallLimit } from './rate-limits.ts';

/** One RPC as its proto declares it: what server and client both go by. */
export interface MethodContract {
  /** Name in the generated code, such as `createOrder`. */
  readonly key: string;
  readonly definition: MethodDefinition;
  readonly service: string;
  readonly method: string;
  /** `plaza.order.v1.OrderService/CreateOrder` */
  readonly fullName: string;
  readonly kind: 'unary' | 'server_stream' | 'client_stream';
  /** Declared by idempotency_level: repeating the call changes nothing more. */
  readonly idempotent: boolean;
  readonly policy: Policy;
  /** Name of the owner field in decoded requests; undefined when the policy names none. */
  readonly ownerField: string | undefined;
  readonly budgetMs: number;
  readonly maxRequestBytes: number;
  readonly limits: readonly CallLimit[];
}

/**
 * The contracts of a service's methods, by key.
 * @throws Error naming the method that has no policy, or whose policy makes no sense.
 */
export const contractsOf = (definition: ServiceDefinition): ReadonlyMap<string, MethodContract> => {
  const service = image().registry.getService(definition.fullName);
  if (!service) throw new Error(`${definition.fullName} is not in the descriptor image; run tools/generate.sh`);
  const described = new Map(service.methods.map((method) => [method.name, method]));
  return new Map(
    Object.entries(definition.methods).map(([key, method]) => {
      const descriptor = described.get(method.name);
      if (!descriptor) throw new Error(`${definition.fullName}/${method.name} is not in the descriptor image`);
      return [key, contractOf(key, definition.fullName, method, descriptor)];
    }),
  );
};

const contractOf = (key: string, service: string, definition: MethodDefinition, descriptor: DescMethod): MethodContract => {
  const fullName = `${service}/${definition.name}`;
  const policy = policyOf(descriptor);
  if (!policy) throw new Error(`${fullName} has no (plaza.common.v1.policy): nobody may call it, so it is not served`);
  if (!policy.public && !policy.user && !policy.admin && policy.owner === '' && policy.services.length === 0)
    throw new Error(`${fullName}: its policy admits nobody`);
  const kind = kindOf(fullName, definition);
  if (policy.watch && kind !== 'server_stream')
    throw new Error(`${fullName}: its policy says watch, and its answers are no stream`);
  return {
    key,
    definition,
    service,
    method: definition.name,
    fullName,
    kind,
    idempotent: descriptor.idempotency !== MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN,
    policy,
    ownerField: policy.owner === '' ? undefined : ownerFieldOf(fullName, policy.owner, descriptor),
    budgetMs: policy.budgetMs || 1_000,
    maxRequestBytes: policy.maxRequestBytes || 65_536,
    limits: limitsOf(fullName, policy.limits, descriptor),
  };
};

/** Undefined when the method carries no policy option. */
export const policyOf = (method: DescMethod): Policy | undefined => {
  const extension = image().registry.getExtension('plaza.common.v1.policy');
  if (extension?.message === undefined) throw new Error('plaza.common.v1.policy is not in the descriptor image');
  const present = method.proto.options?.$unknown?.some((field) => field.no === extension.number);
  if (!present) return undefined;
  const value = getOption(method, extension) as Parameters<typeof toBinary>[1];
  return Policy.decode(toBinary(extension.message, value));
};

const kindOf = (fullName: string, { requestStream, responseStream }: MethodDefinition): MethodContract['kind'] => {
  if (requestStream && responseStream) throw new Error(`${fullName}: streams in both directions are not served`);
  if (requestStream) return 'client_stream';
  return responseStream ? 'server_stream' : 'unary';
};

const ownerFieldOf = (fullName: string, owner: string, { input, methodKind }: DescMethod): string => {
  const field = input.fields.find(({ name }) => name === owner);
  if (field?.fieldKind !== 'scalar' || field.scalar !== ScalarType.STRING)
    throw new Error(`${fullName}: its policy names the owner field ${owner}, which is no string of ${input.typeName}`);
  if (methodKind === 'client_streaming') throw new Error(`${fullName}: a stream of requests has no one owner`);
  return field.localName;
};
