/**
 * What AWS asks for DynamoDB in us-east-1, in dollars, as its price page had it in November 2024, when on-demand became half as dear.
 * Prices change: look at https://aws.amazon.com/dynamodb/pricing before you believe a sum.
 */
export const PRICES = {
  region: 'us-east-1',
  asOf: '2024-11',
  onDemand: { writeUnit: 0.625e-6, readUnit: 0.125e-6 },
  provisioned: { writeUnitHour: 0.00065, readUnitHour: 0.00013 },
  storageGbMonth: 0.25,
  backupGbMonth: 0.2,
  // Streams cost by what reads them: replicas of a global table do so for nothing, and Plaza reads none.
} as const;

export const HOURS_A_MONTH = 730;
export const DAYS_A_MONTH = 30.4;
