import process from 'node:process';

let armed: string | undefined;

/** Chooses the one point at which this process dies, as by kill -9. Only main.ts calls it, from CRASH_AT. */
export const armCrashPoint = (name: string | undefined): void => {
  armed = name === '' ? undefined : name;
};

/**
 * Marks a place where a crash would be nasty: between a write and its publication, between two steps of a saga. A no-op
 * unless armed; the fault tests arm every one in turn and expect the same end state.
 */
export const crashPoint = (name: string): void => {
  if (armed === name) process.kill(process.pid, 'SIGKILL');
};
