import { spanOf } from '../target/moment.ts';
import type { Fate, Letter } from './letters.ts';

/** Letters by who gave up on them and why, the most first, and below each the ids. */
export const listLines = (letters: readonly Letter[], now: number): string[] => {
  if (letters.length === 0) return ['no dead letters'];
  const groups = Map.groupBy(letters, ({ service, letter }) => `${service}  ${letter.durable}  ${letter.reason}`);
  return [...groups]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .flatMap(([name, group]) => [
      `${String(group.length).padStart(5)}  ${name}`,
      ...group.slice(0, SHOWN).map(({ letter }) => `         ${letter.deadLetterId}  ${ageOf(letter.createTime, now)}`),
      ...(group.length > SHOWN ? [`         and ${group.length - SHOWN} more (--json lists all)`] : []),
    ]);
};

const SHOWN = 10;

export const letterLines = ({ service, letter }: Letter, now: number): string[] => [
  letter.deadLetterId,
  `  given up by   ${letter.durable} of ${service}, after ${letter.tries} tries, ${ageOf(letter.createTime, now)}`,
  `  because of    ${letter.reason}`,
  `  message       ${letter.subject}`,
  `  its event     npm run tail -- --service ${service} --type ${letter.subject.split('.').at(-1)} --since 7d | grep ${letter.eventId}`,
  `  in the log    the process that runs ${letter.durable} logged event.died with this event id`,
  `  again         npm run dlq -- redrive ${letter.deadLetterId}`,
];

export const fateLines = (fates: ReadonlyMap<Letter, Fate>): string[] => [
  ...[...fates].filter(([, fate]) => fate !== 'handled').map(([{ letter }, fate]) => `${letter.deadLetterId}: ${fate}`),
  (['handled', 'dead again', 'under way', 'not sent'] as const)
    .map((fate) => `${[...fates.values()].filter((one) => one === fate).length} ${fate}`)
    .join(', '),
];

const ageOf = (at: Date | undefined, now: number): string => (at === undefined ? '' : `${spanOf(now - at.getTime())} ago`);
