import type { MsgHdrs } from 'nats';

import type { Link } from './bus.ts';
import { queueName, taskSubject } from './names.ts';
import { ensureStream, isNotFound } from './streams.ts';

/** The work queue holds a task until one worker has done it. */
export const queueSpec = (namespace: string) => ({
  name: queueName(namespace),
  subjects: [taskSubject(namespace, '>')],
  work: true,
});

/** Resolves when the queue, made if it is not there, has stored the message; `id` again within 2 minutes is the same message. */
export const putIntoQueue = async (
  link: Link,
  namespace: string,
  message: { subject: string; id: string; headers: MsgHdrs; payload: Uint8Array },
): Promise<void> => {
  const { subject, id, headers, payload } = message;
  const publish = () => link.stream.publish(taskSubject(namespace, subject), payload, { msgID: id, headers });
  await publish().catch(async (error: unknown) => {
    if (!isNotFound(error)) throw error;
    await ensureStream(link, queueSpec(namespace));
    await publish();
  });
};
