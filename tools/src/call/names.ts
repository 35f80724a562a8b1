import type { DescMethod, DescService } from '@bufbuild/protobuf';
import { image } from '@plaza/rpc';

import { Trouble } from '../target/trouble.ts';

/** Every service of Plaza's contract. */
export const allServices = (): DescService[] =>
  [...image().registry]
    .filter((type): type is DescService => type.kind === 'service' && type.typeName.startsWith('plaza.'))
    .toSorted((a, b) => a.typeName.localeCompare(b.typeName));

/** `UserService/CreateUser`, its full name with a slash or a dot, or `CreateUser` if one service alone has it. @throws Trouble */
export const findMethod = (name: string): DescMethod => {
  const methods = allServices().flatMap((service) => service.methods);
  const found = methods.filter((method) => isNamed(method, name));
  if (found.length === 1) return found[0]!;
  if (found.length > 1) throw new Trouble(`several services have ${name}`, found.map(shortName));
  const candidates = methods.flatMap((method) => [shortName(method), method.name]);
  throw new Trouble(`no RPC is called ${name}`, [
    ...nearest(name, candidates).map((near) => `did you mean ${near}?`),
    'npm run call lists the services, npm run call -- UserService its RPCs',
  ]);
};

/** Undefined when no service is called so. */
export const findService = (name: string): DescService | undefined =>
  allServices().find((service) => [service.name, service.typeName].some((known) => same(known, name)));

export const shortName = ({ parent, name }: DescMethod): string => `${parent.name}/${name}`;

const isNamed = ({ parent, name }: DescMethod, asked: string): boolean =>
  [name, `${parent.name}/${name}`, `${parent.typeName}/${name}`, `${parent.typeName}.${name}`].some((known) =>
    same(known, asked),
  );

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const NEAREST = 3;

/** Those that a slip of the finger may have meant, the likeliest first. */
export const nearest = (name: string, candidates: readonly string[]): string[] => {
  const bare = name.toLowerCase();
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, distance: distance(bare, candidate.toLowerCase()) }))
    .filter(({ candidate, distance: far }) => far <= Math.max(3, candidate.length / 3))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, NEAREST)
    .map(({ candidate }) => candidate);
};

/** Levenshtein's: letters to put in, take out or change. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === b[j] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
};
