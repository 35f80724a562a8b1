/** Which of `shards` partitions a row goes to, by the last character of its id: chance, for a ULID. */
export const shardOf = (id: string, shards: number): number => id.charCodeAt(id.length - 1) % shards;
