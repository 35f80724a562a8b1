import type { DescField, DescMessage, DescMethod } from '@bufbuild/protobuf';

/** Field numbers in descriptor.proto, of which a comment's path is made. */
const SERVICE = 6;
const METHOD = 2;
const MESSAGE = 4;
const NESTED = 3;
const FIELD = 2;

/** What the proto says above an RPC or a field; empty when it says nothing. */
export const commentOf = (of: DescMethod | DescField): string => {
  const { file, path } = of.kind === 'rpc' ? methodPlace(of) : fieldPlace(of);
  const wanted = path.join();
  const location = file.proto.sourceCodeInfo?.location.find((one) => one.path.join() === wanted);
  return location?.leadingComments.trim() ?? '';
};

const methodPlace = (method: DescMethod) => {
  const { parent } = method;
  return { file: parent.file, path: [SERVICE, parent.file.services.indexOf(parent), METHOD, parent.methods.indexOf(method)] };
};

const fieldPlace = (field: DescField) => {
  const { parent } = field;
  return { file: parent.file, path: [...messagePath(parent), FIELD, parent.fields.indexOf(field)] };
};

const messagePath = (message: DescMessage): number[] =>
  message.parent === undefined
    ? [MESSAGE, message.file.messages.indexOf(message)]
    : [...messagePath(message.parent), NESTED, message.parent.nestedMessages.indexOf(message)];
