import { newId } from '@plaza/core';

/**
 * Gives every empty `request_id` of a message, and of the messages it lists, an id, in place. grpc-js may send a call again by
 * itself; without an id the server could not tell the second from a new one.
 */
export const fillRequestIds = (message: object): void => {
  for (const [field, value] of Object.entries(message)) {
    if (field === 'requestId' && value === '') Object.assign(message, { requestId: newId() });
    else if (Array.isArray(value)) for (const item of value) if (isMessage(item)) fillRequestIds(item);
  }
};

const isMessage = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
