/** The provisioned variant: of each table and each index apart, in capacity units, and how much of them may be in use. */
export const CAPACITY = { min: 5, max: 4000, targetPercent: 70 } as const;
