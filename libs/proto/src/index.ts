import { readFileSync } from 'node:fs';

/**
 * The descriptor image of every file in proto/, exactly as the compiler wrote it: an encoded google.protobuf.FileDescriptorSet.
 * Reflection serves it byte for byte, and validation and policies are read from it.
 */
export const descriptorImage = (): Uint8Array => readFileSync(new URL('../gen/api.binpb', import.meta.url));
