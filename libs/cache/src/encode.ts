/**
 * Values as UTF-8 JSON that comes back as it was: bigint, Date, bytes, NaN and infinities are written as `{"$x": …}`. A property
 * that is undefined is left out; an undefined inside a list stays undefined.
 */
export const encodeJson = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(toJson(value)));

export const decodeJson = (bytes: Uint8Array): unknown => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  const json: unknown = JSON.parse(text);
  // Most values hold nothing marked, and are not walked again.
  return text.includes('"$') ? fromJson(json) : json;
};

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const toJson = (value: unknown): Json => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : { $number: String(value) };
    case 'bigint':
      return { $bigint: String(value) };
    case 'undefined':
      return { $undefined: true };
    case 'object':
      return value === null ? null : objectToJson(value);
    default:
      throw new Error(`a ${typeof value} cannot be cached`);
  }
};

const objectToJson = (value: object): Json => {
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Date) return { $date: value.getTime() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  // A key of the value itself that looks like a mark: the list of pairs cannot be mistaken for one.
  if (entries.some(([key]) => key.startsWith('$') || key === '__proto__'))
    return { $entries: entries.map(([key, part]) => [key, toJson(part)]) };
  return Object.fromEntries(entries.map(([key, part]) => [key, toJson(part)]));
};

const fromJson = (json: unknown): unknown => {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map(fromJson);
  const [first] = Object.entries(json);
  switch (first?.[0]) {
    case '$number':
      return Number(first[1]);
    case '$bigint':
      return BigInt(String(first[1]));
    case '$undefined':
      return undefined;
    case '$date':
      return new Date(Number(first[1]));
    case '$bytes':
      return new Uint8Array(Buffer.from(String(first[1]), 'base64'));
    case '$entries':
      return Object.fromEntries((first[1] as [string, unknown][]).map(([key, part]) => [key, fromJson(part)]));
    default:
      return Object.fromEntries(Object.entries(json).map(([key, part]) => [key, fromJson(part)]));
  }
};
