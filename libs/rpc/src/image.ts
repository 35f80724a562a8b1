import { createFileRegistry, fromBinary, type DescMessage, type FileRegistry } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { descriptorImage } from '@plaza/proto';

/** The whole schema, and every file of it exactly as the compiler wrote it, by file name. */
export interface Image {
  readonly registry: FileRegistry;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

let loaded: Image | undefined;

/** Reads the descriptor image once per process (about 20 ms). */
export const image = (): Image => (loaded ??= load(descriptorImage()));

export const messageDescriptor = (typeName: string): DescMessage => {
  const found = image().registry.getMessage(typeName);
  if (!found) throw new Error(`${typeName} is not in the descriptor image; run tools/generate.sh`);
  return found;
};

const load = (bytes: Uint8Array): Image => {
  const set = fromBinary(FileDescriptorSetSchema, bytes);
  const raw = filesOf(bytes);
  return {
    registry: createFileRegistry(set),
    files: new Map(set.file.map((file, i) => [file.name, raw[i]!])),
  };
};

/** FileDescriptorSet is `repeated FileDescriptorProto file = 1`: cut, not re-encoded, so that no option is lost. */
const filesOf = (bytes: Uint8Array): Uint8Array[] => {
  const reader = new BinaryReader(bytes);
  const files: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1 && wireType === WireType.LengthDelimited) files.push(reader.bytes());
    else reader.skip(wireType, field);
  }
  return files;
};
