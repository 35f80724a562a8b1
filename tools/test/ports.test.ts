import { createServer, type Server } from 'node:net';

import { isFreePort } from '@plaza/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { choosePorts } from '../src/launcher/ports.ts';

let squatter: Server;
beforeEach(async () => {
  squatter = createServer();
  // If somebody sits there already, all the better.
  if (await isFreePort(7001)) await new Promise<void>((resolve) => squatter.listen(7001, '127.0.0.1', resolve));
});
afterEach(() => void squatter.close());

test('a busy port gives way to another, a line says so, and no port is given twice', async () => {
  const lines: string[] = [];
  const ports = await choosePorts({}, (line) => lines.push(line));
  expect(ports.user.port).not.toBe(7001);
  expect(lines).toContain(`port 7001 is busy: user listens on ${ports.user.port}`);
  const all = Object.values(ports).flatMap(({ port, adminPort }) => [port, adminPort]);
  expect(new Set(all).size).toBe(12);
});

test('a port that the environment asks for is taken or refused, never replaced', async () => {
  await expect(choosePorts({ PLAZA_USER_PORT: '7001' }, () => undefined)).rejects.toThrow('PLAZA_USER_PORT asks for it');
  await expect(choosePorts({ PLAZA_USER_PORT: 'x' }, () => undefined)).rejects.toThrow('PLAZA_USER_PORT is not a port: x');
});
