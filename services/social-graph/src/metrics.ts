import { defineCounter } from '@plaza/core';

export const circlesFound = defineCounter('graph_circles_total', 'Circles asked for, by where they were found', ['found']);
export const standingsFound = defineCounter('graph_standings_total', 'Standings asked for, by where they were found', ['found']);
export const sightRounds = defineCounter('graph_sight_rounds_total', 'Reads that verified looks');
export const sightLooks = defineCounter('graph_sight_looks_total', 'Looks that were verified');
