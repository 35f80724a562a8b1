/** Decides, for one connection, which replies never arrive. Sees all bytes of both directions, in order. */
export interface Exchange {
  request(bytes: Buffer): void;
  /** False: this reply is one to drop. */
  replyMayPass(bytes: Buffer): boolean;
}

/** Which requests lose their replies; shared by all connections of a proxy. */
export interface Picker {
  /** A request began; true if it is the one by number. */
  begins(): boolean;
  /** True if what is known of the request so far is reason enough. */
  picks(request: Buffer): boolean;
}

export const pickNone: Picker = { begins: () => false, picks: () => false };

export const pickNth = (n: number): Picker => {
  let left = n;
  return { begins: () => --left === 0, picks: () => false };
};

export const pickBy = (predicate: (request: Buffer) => boolean): Picker => ({ begins: () => false, picks: predicate });

/** Strict question and answer: a request begins when the client speaks after the server has spoken. */
export const turns = (picker: () => Picker): Exchange => {
  let serverSpokeLast = true;
  let picked = false;
  let request = Buffer.alloc(0);
  return {
    request: (bytes) => {
      if (serverSpokeLast) {
        request = Buffer.alloc(0);
        picked = picker().begins();
      }
      serverSpokeLast = false;
      request = Buffer.concat([request, bytes]);
      picked ||= picker().picks(request);
    },
    replyMayPass: () => {
      serverSpokeLast = true;
      return !picked;
    },
  };
};

const PREFACE_BYTES = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'.length;
const DATA = 0;
const HEADERS = 1;

/**
 * HTTP/2: many calls share a connection. A request is the DATA of its stream (HEADERS are compressed and of no use to a
 * predicate); its reply begins with HEADERS, which a gRPC server sends when the handler is done. What else goes to and
 * fro, such as window updates, is not a reply.
 */
export const http2 = (picker: () => Picker): Exchange => {
  const picked = new Set<number>();
  const requests = new Map<number, Buffer>();
  let mayPass = true;
  const readRequest = frameReader(PREFACE_BYTES, ({ type, stream, payload }) => {
    if (type === HEADERS && !requests.has(stream)) {
      requests.set(stream, Buffer.alloc(0));
      if (picker().begins()) picked.add(stream);
    }
    if (type !== DATA) return;
    const request = Buffer.concat([requests.get(stream) ?? Buffer.alloc(0), payload]);
    requests.set(stream, request);
    if (picker().picks(request)) picked.add(stream);
  });
  const readReply = frameReader(0, ({ type, stream }) => {
    if (type !== HEADERS) return;
    if (picked.has(stream)) mayPass = false;
    requests.delete(stream);
  });
  return {
    request: readRequest,
    replyMayPass: (bytes) => {
      readReply(bytes);
      return mayPass;
    },
  };
};

interface Frame {
  readonly type: number;
  readonly stream: number;
  readonly payload: Buffer;
}

const FRAME_HEADER_BYTES = 9;

const frameReader = (skip: number, onFrame: (frame: Frame) => void): ((bytes: Buffer) => void) => {
  let toSkip = skip;
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    if (rest.length < toSkip) return;
    rest = rest.subarray(toSkip);
    toSkip = 0;
    while (rest.length >= FRAME_HEADER_BYTES) {
      const end = FRAME_HEADER_BYTES + rest.readUIntBE(0, 3);
      if (rest.length < end) return;
      onFrame({ type: rest[3]!, stream: rest.readUInt32BE(5) & 0x7fffffff, payload: rest.subarray(FRAME_HEADER_BYTES, end) });
      rest = rest.subarray(end);
    }
  };
};
