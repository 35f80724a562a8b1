import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * A small shell process that outlives us just long enough to end what we started. It holds the other end of a pipe: when
 * we are gone, for whatever reason, kill -9 included, the pipe closes and it stops every process still on its list, and removes our
 * folders.
 */
const SCRIPT = `
pids=' '
trap 'rm -rf -- "$@"' EXIT
while read -r verb pid; do
  [ "$verb" = folder ] && set -- "$@" "$pid" && continue
  rest=' '
  for p in $pids; do [ "$p" = "$pid" ] || rest="$rest$p "; done
  pids=$rest
  [ "$verb" = add ] && pids="$pids$pid "
done
[ "$pids" = ' ' ] && exit 0
kill -CONT $pids; kill -TERM $pids
for second in 1 2 3; do
  sleep 1
  kill -0 $pids || exit 0
done
kill -KILL $pids`;

let pipe: Socket | undefined;

const guard = (): Socket => {
  if (pipe) return pipe;
  const child = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.unref();
  pipe = child.stdin as Socket;
  // Neither the guard nor its pipe keeps us alive, and a guard that somebody killed must not bring us down.
  pipe.unref();
  pipe.on('error', () => undefined);
  return pipe;
};

export const guardProcess = (pid: number): void => void guard().write(`add ${pid}\n`);

export const releaseProcess = (pid: number): void => void guard().write(`del ${pid}\n`);

/** A temporary folder that goes when we go. */
export const guardFolder = (path: string): void => void guard().write(`folder ${path}\n`);
