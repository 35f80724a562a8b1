import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The floor of a unary RPC, in a process of its own: every call is answered with so many bytes. */
export const startEcho = async (size: number): Promise<{ address: string; stop(): void }> => {
  const path = fileURLToPath(new URL('echo-server.ts', import.meta.url));
  const child = spawn(process.execPath, [path, String(size)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { address: `127.0.0.1:${line.toString().trim()}`, stop: () => void child.kill('SIGTERM') };
};
