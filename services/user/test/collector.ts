import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A place for spans, as an OpenTelemetry collector is one. It refuses all until it is opened. */
export const startCollector = async () => {
  const bodies: string[] = [];
  let open = false;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (open) bodies.push(`${request.url} ${Buffer.concat(chunks).toString('utf8')}`);
      response.writeHead(open ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: () => (open = true),
    /** What came, each with the path that it was sent to. */
    bodies: (): readonly string[] => bodies,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
