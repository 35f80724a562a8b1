import { isFreePort, PROCESSES, type ProcessName } from '@plaza/testing';

export interface Ports {
  readonly port: number;
  readonly adminPort: number;
}

const FIRST_PORT = 7001;
const FIRST_ADMIN_PORT = 7101;
/** So that user stays …1, product …2, and so on. */
const STRIDE = 10;

/** PLAZA_SOCIAL_GRAPH_PORT, PLAZA_USER_ADMIN_PORT: where the owner of the machine wants it. */
export const variableOf = (name: ProcessName, admin: boolean): string =>
  `PLAZA_${name.toUpperCase().replaceAll('-', '_')}${admin ? '_ADMIN' : ''}_PORT`;

/**
 * The same ports at every start: user 7001, product 7002 … and for admin 7101, 7102 … One that is busy gives way to the next
 * free one, and `say` tells; one that the environment asks for does not.
 */
export const choosePorts = async (
  env: Readonly<Record<string, string | undefined>>,
  say: (line: string) => void,
): Promise<Readonly<Record<ProcessName, Ports>>> => {
  const taken = new Set<number>();
  const choose = async (name: ProcessName, admin: boolean, preferred: number): Promise<number> => {
    const variable = variableOf(name, admin);
    if (env[variable]) return claim(await asked(variable, env[variable]), taken);
    let port = preferred;
    while (taken.has(port) || !(await isFreePort(port))) port += STRIDE;
    if (port !== preferred) say(`port ${preferred} is busy: ${name}${admin ? ' (admin)' : ''} listens on ${port}`);
    return claim(port, taken);
  };
  const ports: [ProcessName, Ports][] = [];
  for (const [i, name] of PROCESSES.entries()) {
    const port = await choose(name, false, FIRST_PORT + i);
    ports.push([name, { port, adminPort: await choose(name, true, FIRST_ADMIN_PORT + i) }]);
  }
  return Object.fromEntries(ports) as Record<ProcessName, Ports>;
};

/** host:port of every process's admin port. */
export const adminOf = (ports: Readonly<Record<ProcessName, Ports>>): Record<ProcessName, string> =>
  Object.fromEntries(PROCESSES.map((name) => [name, `127.0.0.1:${ports[name].adminPort}`])) as Record<ProcessName, string>;

const asked = async (variable: string, value: string): Promise<number> => {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`${variable} is not a port: ${value}`);
  if (!(await isFreePort(port)))
    throw new Error(`port ${port} is busy, and ${variable} asks for it; free it or change ${variable}`);
  return port;
};

const claim = (port: number, taken: Set<number>): number => {
  if (taken.has(port)) throw new Error(`port ${port} is asked for twice`);
  taken.add(port);
  return port;
};
