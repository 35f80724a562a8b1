/** FNV-1a of 128 bits. */
const OFFSET = 144066263297769815596495629667062367629n;
const PRIME = 309485009821345068724781371n;
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Characters of a ULID that tell its time, and those behind them. */
const TIME = 10;
const REST = 16;

/**
 * The id of what one event tells of one of several products: at the event's time, the same at every delivery, and another one for each
 * product. Counting up from the event's id would not do: the next event of the same millisecond has that.
 */
export const turnId = (eventId: string, productId: string): string => {
  let hash = OFFSET;
  for (const char of `${eventId}/${productId}`) hash = BigInt.asUintN(128, (hash ^ BigInt(char.charCodeAt(0))) * PRIME);
  let rest = '';
  for (let i = 0; i < REST; i++, hash >>= 5n) rest += ALPHABET[Number((hash >> 48n) & 31n)]!;
  return eventId.slice(0, TIME) + rest;
};
