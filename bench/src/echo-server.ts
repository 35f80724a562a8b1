import { Server, ServerCredentials } from '@grpc/grpc-js';

/** The floor of a unary RPC: grpc-js answering one constant, already encoded message of the given size. */
const size = Number(process.argv[2]);
const answer = Buffer.alloc(size, 7);
const raw = (bytes: Buffer) => bytes;
const server = new Server();
server.addService(
  {
    echo: {
      path: '/floor/Echo',
      requestStream: false,
      responseStream: false,
      requestSerialize: raw,
      requestDeserialize: raw,
      responseSerialize: raw,
      responseDeserialize: raw,
    },
  },
  { echo: (_call: unknown, callback: (error: null, bytes: Buffer) => void) => callback(null, answer) },
);
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
process.on('SIGTERM', () => server.forceShutdown());
