/** Cost of one argon2id hash. */
export interface HashCost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
}

/** A password hash with all that is needed to check it again, years and parameter changes later. */
export interface PasswordHash extends HashCost {
  readonly salt: Uint8Array;
  readonly tag: Uint8Array;
}

/** PHC string: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`, base64 without padding. */
export const formatPhc = ({ memoryKiB, passes, lanes, salt, tag }: PasswordHash): string =>
  `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${base64(salt)}$${base64(tag)}`;

const PHC = /^\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d?),p=([1-9]\d?)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** Undefined for anything that this service did not write. The pattern bounds the cost: a damaged row cannot order gigabytes. */
export const parsePhc = (text: string): PasswordHash | undefined => {
  const match = PHC.exec(text);
  if (!match) return undefined;
  const [, memory, passes, lanes, salt, tag] = match;
  return {
    memoryKiB: Number(memory),
    passes: Number(passes),
    lanes: Number(lanes),
    salt: Buffer.from(salt!, 'base64'),
    tag: Buffer.from(tag!, 'base64'),
  };
};

export const sameCost = (a: HashCost, b: HashCost): boolean =>
  a.memoryKiB === b.memoryKiB && a.passes === b.passes && a.lanes === b.lanes;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '');
