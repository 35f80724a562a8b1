import process from 'node:process';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';

import { makeCall } from './call/call.ts';
import { callerOf } from './call/caller.ts';
import { methodText, serviceText, servicesText } from './call/describe.ts';
import { findMethod, findService } from './call/names.ts';
import { onStopSignal } from './launcher/signals.ts';
import { findTarget } from './target/target.ts';
import { runTool, Trouble, type ExitCode } from './target/trouble.ts';

const HELP = `Calls any RPC of the Plaza that runs here, or of another one.

  npm run call -- <RPC> '<JSON>' [--as admin|nobody|user:<id or username>|service:<name>] [--address host:port|<service>]
  npm run call -- <RPC> --describe       what it takes and gives, and who may call it
  npm run call -- <Service>              its RPCs
  npm run call -- <RPC> -                the JSON comes from stdin; of a stream of requests, a message a line

  npm run call -- GetUser '{"username":"ada.lovelace"}'
  npm run call -- ListHomeFeed '{"viewerId":"01J…","pageSize":3}' --as user:ada.lovelace
  npm run call -- StreamHomeFeed '{"viewerId":"01J…"}' --as user:01J…      (a line a message, until Ctrl-C)
  npm run call -- ListDeadLetters '{}' --address feed

Another Plaza: USER_ADDRESS, PRODUCT_ADDRESS, ORDER_ADDRESS, GRAPH_ADDRESS, FEED_ADDRESS as host:port, and TOKEN (an admin's) or
SIGNING_KEY (the user service's); TLS_CERT_FILE, TLS_KEY_FILE and TLS_CA_FILE for TLS. A requestId that is left out is made up.
Exit codes: 0 answered, 1 refused, 2 asked wrongly, 3 nobody answered in time.
`;

const say = (line: string) => process.stdout.write(`${line}\n`);

await runTool(HELP, async (args): Promise<ExitCode> => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { as: { type: 'string' }, address: { type: 'string' }, describe: { type: 'boolean' } },
  });
  const [name, body] = positionals;
  if (name === undefined) {
    for (const line of [HELP, ...servicesText()]) say(line);
    return 0;
  }
  const service = findService(name);
  if (service !== undefined) {
    for (const line of serviceText(service)) say(line);
    return 0;
  }
  const method = findMethod(name);
  if (values.describe) {
    for (const line of methodText(method)) say(line);
    return 0;
  }
  const requests = parsed(body === '-' ? await text(process.stdin) : (body ?? '{}'), method.methodKind === 'client_streaming');
  const target = findTarget(process.env);
  const caller = await callerOf(values.as, method, target);
  const unary = method.methodKind !== 'server_streaming';
  const answer = (message: unknown) => say(unary ? JSON.stringify(message, undefined, 2) : JSON.stringify(message));
  return makeCall({ target, method, caller, requests, address: values.address, stop: onStopSignal(), answer });
});

function parsed(json: string, lines: boolean): unknown[] {
  try {
    return lines
      ? json
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as unknown)
      : [JSON.parse(json)];
  } catch (error) {
    throw new Trouble(`that is no JSON: ${(error as Error).message}`, ['quote it for the shell: \'{"username":"ada"}\'']);
  }
}
