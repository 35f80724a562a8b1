import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { status as codes, type Server, type ServerDuplexStream } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

import { image } from './image.ts';

/** One of the questions, as proto-loader shows a oneof. */
interface Question {
  readonly messageRequest?: string;
  readonly fileByFilename?: string;
  readonly fileContainingSymbol?: string;
  readonly fileContainingExtension?: { readonly containingType: string; readonly extensionNumber: number };
  readonly allExtensionNumbersOfType?: string;
}

type Answer =
  | { listServicesResponse: { service: { name: string }[] } }
  | { fileDescriptorResponse: { fileDescriptorProto: Uint8Array[] } }
  | { allExtensionNumbersResponse: { baseTypeName: string; extensionNumber: number[] } }
  | { errorResponse: { errorCode: number; errorMessage: string } };

/**
 * Server reflection, v1 and v1alpha, that answers with the compiler's own files. The protos are those of
 * `@grpc/reflection`; its implementation re-encodes the files without their options and merges them by package, and
 * strict linkers refuse the result.
 */
export const addReflection = (server: Server, services: readonly string[]): void => {
  const answer = answers(services);
  for (const version of ['v1', 'v1alpha']) {
    const { [`grpc.reflection.${version}.ServerReflection`]: service } = loadSync(protoFile(version), {
      oneofs: true,
      defaults: false,
    });
    if (!service || 'format' in service || 'fileDescriptorProtos' in service)
      throw new Error(`@grpc/reflection has no service of ${version}`);
    server.addService(service, {
      ServerReflectionInfo(stream: ServerDuplexStream<Question, Answer & { originalRequest: Question }>) {
        stream.on('data', (question: Question) => {
          stream.write({ originalRequest: question, ...answer(question) });
        });
        stream.on('end', () => stream.end());
      },
    });
  }
};

const protoFile = (version: string): string => {
  const main = createRequire(import.meta.url).resolve('@grpc/reflection');
  return join(dirname(main), '..', 'proto', 'grpc', 'reflection', version, 'reflection.proto');
};

const answers = (services: readonly string[]): ((question: Question) => Answer) => {
  const { registry, files } = image();
  const extensions = [...registry].filter((type) => type.kind === 'extension');

  const file = (name: string | undefined): Answer => {
    const bytes = files.get(name ?? '');
    return bytes ? { fileDescriptorResponse: { fileDescriptorProto: [bytes] } } : missing;
  };
  // A field, value or method is declared where its parent is.
  const symbol = (name: string): Answer => {
    const found = registry.get(name) ?? registry.get(name.slice(0, name.lastIndexOf('.')));
    return file(found && `${found.file.name}.proto`);
  };

  return (question) => {
    switch (question.messageRequest) {
      case 'listServices':
        return { listServicesResponse: { service: services.map((name) => ({ name })) } };
      case 'fileByFilename':
        return file(question.fileByFilename);
      case 'fileContainingSymbol':
        return symbol(question.fileContainingSymbol ?? '');
      case 'fileContainingExtension': {
        const { containingType, extensionNumber } = question.fileContainingExtension ?? {};
        const found = extensions.find((e) => e.extendee.typeName === containingType && e.number === extensionNumber);
        return file(found && `${found.file.name}.proto`);
      }
      case 'allExtensionNumbersOfType': {
        const baseTypeName = question.allExtensionNumbersOfType ?? '';
        const numbers = extensions.filter((e) => e.extendee.typeName === baseTypeName).map((e) => e.number);
        return { allExtensionNumbersResponse: { baseTypeName, extensionNumber: numbers } };
      }
      default:
        return { errorResponse: { errorCode: codes.UNIMPLEMENTED, errorMessage: 'not a question of server reflection' } };
    }
  };
};

const missing: Answer = { errorResponse: { errorCode: codes.NOT_FOUND, errorMessage: 'no such file, symbol or extension' } };
