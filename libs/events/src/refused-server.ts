/** Whether the server is not of our authorities or not who was asked for, or speaks plaintext where TLS was asked for. */
export const isRefusedServer = (error: unknown): boolean =>
  /CERT|ISSUER|SIGNATURE|TLS|SERVER_OPT_NA/.test(String((error as { code?: unknown } | undefined)?.code));
