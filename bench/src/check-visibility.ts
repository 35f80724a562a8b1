import { CheckVisibilityRequest, CheckVisibilityResponse } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { testContext } from '@plaza/testing';

import { startEcho } from './echo.ts';
import { generate } from './generate.ts';
import type { Load } from './generator.ts';
import { createPeople, type Bench } from './people.ts';
import { compare, type Comparison } from './report.ts';

const FOLLOWS = 200;
const CONCURRENCY = 8;
/** What one machine is asked for while it has time: there the goal of the p99 counts. */
const PER_SECOND = 200;

/** CheckVisibility of 200 authors whom the viewer follows, warm, against an echo of the same size: as fast as it goes, and at a rate. */
export const benchCheckVisibility: Bench = async ({ plaza, pairs, say }) => {
  say(`check visibility: ${FOLLOWS} authors`);
  const [viewerId = '', ...authorIds] = await createPeople(plaza, FOLLOWS + 1);
  for (const followeeId of authorIds)
    await plaza.clients.graph.follow(plaza.asAdmin(), { followerId: viewerId, followeeId, requestId: '' });
  const caller = { kind: 'service', service: 'feed' } as const;
  const answer = await plaza.clients.graph.checkVisibility(testContext({ caller }), { viewerId, authorIds });
  const size = CheckVisibilityResponse.encode(answer).finish().length;

  const echo = await startEcho(size);
  const job = {
    warmUpMs: 500,
    durationMs: 2_000,
    address: plaza.addresses['social-graph'],
    path: '/plaza.graph.v1.SocialGraphService/CheckVisibility',
    request: Buffer.from(CheckVisibilityRequest.encode({ viewerId, authorIds }).finish()).toString('base64'),
    token: plaza.keys.tokenOf({ caller }) ?? '',
  };
  const side = async (how: string, load: { concurrency: number; rate?: number }): Promise<Comparison> => {
    const [ours, floor]: [Load[], Load[]] = [[], []];
    for (let pair = 0; pair < pairs; pair++) {
      say(`check visibility, ${how}: pair ${pair + 1} of ${pairs}`);
      ours.push(await generate({ ...job, ...load }));
      floor.push(await generate({ ...job, ...load, address: echo.address, path: '/floor/Echo' }));
    }
    const errors = [...ours, ...floor].reduce((sum, run) => sum + run.errors, 0);
    const about = {
      name: `CheckVisibility, ${FOLLOWS} authors, warm, ${how}`,
      unit: 'requests',
      floorName: `grpc-js echo of ${size} bytes`,
    };
    return compare(about, ours, floor, errors);
  };
  const comparisons = [
    await side(`${CONCURRENCY} callers`, { concurrency: CONCURRENCY }),
    await side(`${PER_SECOND} a second`, { concurrency: 1, rate: PER_SECOND }),
  ];
  echo.stop();
  return comparisons;
};
