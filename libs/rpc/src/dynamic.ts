import { fromBinary, fromJson, toBinary, toJson, type DescMessage, type JsonValue } from '@bufbuild/protobuf';

import type { MessageType, MethodDefinition, ServiceDefinition } from './definition.ts';
import { image } from './image.ts';

/**
 * A service as the descriptor image has it, for programs that know no generated code: its requests and answers are proto3 JSON
 * (camelCase, int64 as strings, times as RFC 3339), and its methods go by the names that the proto gives them.
 * @throws Error for a service that is not in the image. A client's call throws one for a request that is no such message.
 */
export const dynamicDefinition = (fullName: string): ServiceDefinition => {
  const service = image().registry.getService(fullName);
  if (!service) throw new Error(`${fullName} is not in the descriptor image`);
  const methods = service.methods.map(({ name, input, output, methodKind }): [string, MethodDefinition] => [
    name,
    {
      name,
      requestType: jsonMessage(input),
      requestStream: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
      responseType: jsonMessage(output),
      responseStream: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
    },
  ]);
  return { name: service.name, fullName, methods: Object.fromEntries(methods) };
};

const jsonMessage = (schema: DescMessage): MessageType => {
  const { registry } = image();
  return {
    $type: schema.typeName,
    fromPartial: (json) => fromJson(schema, json as JsonValue, { registry }),
    encode: (message) => ({ finish: () => toBinary(schema, message) }),
    decode: (bytes) => toJson(schema, fromBinary(schema, bytes), { registry }),
  };
};
