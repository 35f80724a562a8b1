/**
 * What an attribute may hold. Integers beyond 2^53 go in and come back as bigint; every other number comes back as number,
 * also one that went in as a small bigint. Bytes come back as Uint8Array. `undefined` attributes are left out.
 */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | readonly Value[]
  | { readonly [key: string]: Value | undefined };

/** Primary key of every table. */
export type Key = { readonly pk: string; readonly sk: string };

export type Item = Key & { readonly [attr: string]: Value | undefined };

/** Any object type with a key and storable attributes, also an interface (which has no index signature), at any depth. */
export type Storable<T> = Key & { readonly [K in keyof T]: StorableValue<T[K]> };

type StorableValue<V> = V extends Value | undefined
  ? V
  : V extends readonly (infer E)[]
    ? readonly StorableValue<E>[]
    : V extends (...args: never) => unknown
      ? never
      : V extends object
        ? { readonly [K in keyof V]: StorableValue<V[K]> }
        : never;

/** Identifies a row within its table, for maps. */
export const keyText = ({ pk, sk }: Key): string => `${pk.length}:${pk}${sk}`;

/** Seconds of an `expiresAt` attribute: `atMs` (epoch milliseconds) plus `seconds`. */
export const ttl = (atMs: number, seconds: number): number => Math.floor(atMs / 1000) + seconds;
