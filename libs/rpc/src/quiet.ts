import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';

/**
 * grpc-js writes complaints about its peers to standard error, and quotes the headers that they sent. What matters of it
 * reaches our own log through statuses and errors; set GRPC_TRACE and remove this call to see the rest.
 */
export const quietGrpc = (): void => setLogVerbosity(logVerbosity.NONE);
