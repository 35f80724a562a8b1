import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, type FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import { descriptorImage } from '@plaza/proto';

const HEAD = `# Errors

Generated from the \`ErrorReason\` enums of \`proto/\` by \`npm run docs\`; a test fails when it is out of date.

Every refusal and failure is a google.rpc.Status with an ErrorInfo{reason, domain, metadata}. The reason is stable and may be branched on; the message is for
people. BadRequest names the fields of bad input, RetryInfo says when to come back. A refusal of one service reaches the caller of another intact, with its
own domain. UNAVAILABLE, DEADLINE_EXCEEDED and WRITE_CONFLICT may be repeated with the same request_id;
so may RESOURCE_EXHAUSTED, when RetryInfo says. PreconditionFailure repeats what stands in the way.
`;

/** Field numbers in descriptor.proto, of which a comment's path is made. */
const ENUM_TYPE = 5;
const ENUM_VALUE = 2;

/** The catalogue of reasons, a section for each service. */
export const errorsDocument = (): string => {
  const { file } = fromBinary(FileDescriptorSetSchema, descriptorImage());
  const sections = file.filter(({ name }) => /^plaza\/.*\/error_reason\.proto$/.test(name)).map(sectionOf);
  return [HEAD, ...sections.sort()].join('\n');
};

const sectionOf = (file: FileDescriptorProto): string => {
  const service = file.package.split('.')[1]!;
  const title = service === 'common' ? '## plaza (any service)' : `## plaza.${service}`;
  const values = file.enumType[0]!.value.map((value, index) => ({
    ...value,
    comment: commentOf(file, [ENUM_TYPE, 0, ENUM_VALUE, index]),
  }));
  const rows = values
    .filter(({ number }) => number > 0)
    .map(({ name, comment }) => rowOf(name.replace('ERROR_REASON_', ''), comment));
  return [title, '', '| reason | status | when |', '|---|---|---|', ...rows, ''].join('\n');
};

const commentOf = (file: FileDescriptorProto, path: readonly number[]): string =>
  file.sourceCodeInfo?.location.find((location) => location.path.join() === path.join())?.leadingComments.trim() ?? '';

/** A comment reads "STATUS_CODE: when". */
const rowOf = (reason: string, comment: string): string => {
  const [, status, when] = /^([A-Z_]+): ([^]*)$/.exec(comment) ?? [];
  if (!status || !when) throw new Error(`the comment of ${reason} does not begin with its status code: ${comment}`);
  return `| ${reason} | ${status} | ${when.replaceAll('\n', ' ')} |`;
};
