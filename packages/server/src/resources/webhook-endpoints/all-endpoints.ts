import type { EndpointRow } from "../../store/contract/rows.ts";
import type { Reads } from "../../store/contract/transaction.ts";

/**
 * All endpoints of an account in a mode, newest first, `pageRows` at a time. `endpointsPerMode` limits them, separately
 * for each platform that creates some.
 */
export async function allEndpoints(
  reads: Pick<Reads, "endpoints">,
  owner: { accountId: string; livemode: boolean },
  pageRows: number,
): Promise<EndpointRow[]> {
  const endpoints: EndpointRow[] = [];
  for (;;) {
    const last = endpoints.at(-1);
    const { rows, hasMore } = await reads.endpoints(owner, { limit: pageRows, ...(last === undefined ? {} : { startingAfter: last.id }) });
    endpoints.push(...rows);
    if (!hasMore) return endpoints;
  }
}
