import type { AttributeValue } from '@aws-sdk/client-dynamodb';

type Row = Record<string, AttributeValue>;

/** A row as one line of DynamoDB's own JSON, by which AWS exports tables too: every value with its type, bytes in base64, numbers as text. */
export const lineOfRow = (row: Row): string =>
  JSON.stringify(row, (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value));

export const rowOfLine = (line: string): Row => rowOf(JSON.parse(line) as Row);

const rowOf = (row: Row): Row => Object.fromEntries(Object.entries(row).map(([attr, value]) => [attr, valueOf(value)]));

const valueOf = (value: AttributeValue): AttributeValue => {
  if (value.B !== undefined) return { B: Buffer.from(String(value.B), 'base64') };
  if (value.M !== undefined) return { M: rowOf(value.M) };
  if (value.L !== undefined) return { L: value.L.map(valueOf) };
  return value;
};
