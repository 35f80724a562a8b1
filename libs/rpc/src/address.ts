/** Splits host:port; an IPv6 host stands in brackets. @throws Error if it is neither */
export const parseAddress = (address: string): { host: string; port: number } => {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(address);
  if (!match) throw new Error(`not host:port: ${address}`);
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3]) };
};

export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/** Nothing leaves the machine unencrypted unless the operator said so. @throws Error */
export const assertMayListen = (address: string, allowPlaintext: boolean): void => {
  if (allowPlaintext || isLoopback(parseAddress(address).host)) return;
  throw new Error(
    `refusing to serve plaintext on ${address}: listen on loopback, or set ALLOW_PLAINTEXT=1 if the network is trusted`,
  );
};
