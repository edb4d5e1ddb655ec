import type { GivenUp } from "./contract/figure-reads.ts";

/**
 * What was given up, from one row for each endpoint: how many deliveries were examined, and how many of these were not
 * received since. At most `limit` were examined in all.
 */
export function givenUpOf(rows: readonly Readonly<Record<string, unknown>>[], limit: number): GivenUp {
  const endpoints = rows.map((row) => ({ endpointId: row.endpoint_id as string, count: row.count as number }));
  const looked = rows.reduce((sum, row) => sum + (row.looked as number), 0);
  return { endpoints: endpoints.filter(({ count }) => count > 0), more: looked >= limit };
}
