import { makeClientConstructor } from '@grpc/grpc-js';

const raw = (bytes: Buffer) => bytes;

/** A client of one unary method over raw bytes, so that it decodes nothing and costs both sides of a comparison the same. */
export const rawClient = (path: string) => {
  const method = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: raw,
    requestDeserialize: raw,
    responseSerialize: raw,
    responseDeserialize: raw,
  };
  return makeClientConstructor({ call: method }, 'raw');
};
