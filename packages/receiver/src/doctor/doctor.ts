import { apiFailure } from "../api-failure.ts";
import type { EndpointTable } from "../endpoints.ts";
import { isThin } from "../event-pattern.ts";
import type { Fresh } from "../fetch-fresh.ts";
import { NoClient } from "../handler-errors.ts";
import type { HandlerDepth } from "../inbox/inbox.ts";
import { describeOrphans } from "../orphans.ts";
import type { StripeClient } from "../stripe-client.ts";
import type { ApiDestination } from "./api-destination.ts";
import { type Diagnosis, diagnosisOf, type Finding } from "./diagnosis.ts";
import type { DoctorOptions } from "./doctor-options.ts";
import { type ApiEndpoint, examine } from "./examine.ts";
import { examineThin } from "./examine-thin.ts";
import { probe } from "./probe.ts";

export interface ExaminingParts {
  endpoints: EndpointTable;
  types: Readonly<Record<string, readonly string[]>>;
  livemode: boolean | "both";
  fresh: Fresh<StripeClient>;
  /** Work for unregistered handlers. Rejects when the inbox cannot be queried. */
  orphans(): Promise<HandlerDepth[]>;
}

const PROBE_MS = 5_000;
/** The API's maximum page size. */
const PAGE_SIZE = 100;

/** Compares the handlers with the endpoints registered at the API, in each received mode, and probes the addresses. */
export async function doctor(
  { url, sdkVersion, probe: probes = true, timeoutMs = PROBE_MS }: DoctorOptions,
  { endpoints, types, livemode, fresh, orphans }: ExaminingParts,
): Promise<Diagnosis> {
  const findings: Finding[] = [];
  const looked: string[] = [];
  const urlOf = (lane: string): string | null => (typeof url === "string" ? url : (url?.[lane] ?? null));
  for (const lane of Object.keys(typeof url === "object" ? url : {})) {
    if (!endpoints.names.includes(lane)) throw new Error(`There is no lane "${lane}". The lanes are ${endpoints.names.join(", ")}.`);
  }

  for (const mode of livemode === "both" ? [true, false] : [livemode]) {
    const inMode = { severity: "error" as const, lane: null, livemode: mode, endpoint: null };
    let registered: ApiEndpoint[];
    try {
      registered = await listEndpoints(fresh, mode);
    } catch (error) {
      findings.push({ ...inMode, ...failure(error, "webhook endpoints") });
      continue;
    }
    const found = `${mode ? "live" : "test"}: ${counted(registered.length, "endpoint")}`;
    const thinLanes = endpoints.names.filter((lane) => types[lane]?.some(isThin) === true);
    let destinations: ApiDestination[] | null = null;
    try {
      destinations = await listDestinations(fresh, mode);
      const thin = destinations.filter((one) => one.event_payload === "thin").length;
      looked.push(`${found}${thin === 0 ? "" : ` and ${counted(thin, "destination")} for thin events`} at the API`);
    } catch (error) {
      const failed = failure(error, "event destinations");
      looked.push(`${found} at the API. ${failed.says}`);
      // Without handlers of thin events, v1's list contains everything that matters.
      if (thinLanes.length > 0) findings.push({ ...inMode, ...failed });
    }
    for (const lane of endpoints.names) {
      const examined = {
        lane,
        connect: endpoints.get(lane).connect,
        livemode: mode,
        types: types[lane] ?? [],
        endpoints: registered,
        destinations: destinations ?? [],
        url: urlOf(lane),
      };
      findings.push(...examine({ ...examined, sdkVersion: sdkVersion ?? versionOf(fresh.client(mode)) }));
      if (destinations !== null) findings.push(...examineThin(examined));
    }
  }
  if (probes) {
    for (const address of new Set(endpoints.names.map(urlOf))) {
      if (address === null) continue;
      const found = await probe(address, AbortSignal.timeout(timeoutMs));
      looked.push(`${address}: ${found === null ? "a receiver answers" : "see below"}`);
      if (found !== null) findings.push({ ...found, lane: null, livemode: null, endpoint: null });
    }
  }
  findings.push(...(await examineInbox(orphans)));
  return diagnosisOf(findings, looked);
}

/** Checks that the inbox can be queried, and that all of its work has handlers. */
async function examineInbox(orphans: ExaminingParts["orphans"]): Promise<Finding[]> {
  const everywhere = { lane: null, livemode: null, endpoint: null };
  try {
    const found = await orphans();
    const says = describeOrphans(found);
    if (says === null) return [];
    const [what = says, ...remedy] = says.split(". ");
    return [{ ...everywhere, code: "work_orphaned", severity: "warning", says: `In the inbox ${what}.`, remedy: remedy.join(". ") }];
  } catch (error) {
    return [
      {
        ...everywhere,
        code: "inbox_unavailable",
        severity: "error",
        says: `The inbox cannot be read: ${(error as Error).message}.`,
        remedy: "Check that its database can be reached. Until then every event is answered 503.",
      },
    ];
  }
}

async function listEndpoints(fresh: Fresh<StripeClient>, livemode: boolean): Promise<ApiEndpoint[]> {
  const all: ApiEndpoint[] = [];
  for (let after = ""; ; ) {
    const page = (await fresh.get(`/v1/webhook_endpoints?limit=${PAGE_SIZE}${after}`, livemode, {})) as {
      data: ApiEndpoint[];
      has_more: boolean;
    };
    all.push(...page.data);
    const last = page.data.at(-1);
    if (!page.has_more || last === undefined) return all;
    after = `&starting_after=${encodeURIComponent(last.id)}`;
  }
}

/** The destinations of the v2 API, with their addresses. Its pages are linked. */
async function listDestinations(fresh: Fresh<StripeClient>, livemode: boolean): Promise<ApiDestination[]> {
  const all: ApiDestination[] = [];
  let next: string | null = `/v2/core/event_destinations?limit=${PAGE_SIZE}&include[0]=webhook_endpoint.url`;
  while (next !== null) {
    const page = (await fresh.get(next, livemode, {})) as { data: ApiDestination[]; next_page_url?: string | null };
    all.push(...page.data);
    const { next_page_url: url } = page;
    next = url === undefined || url === null || url === "" ? null : url.replace(/^https?:\/\/[^/]+/, "");
  }
  return all;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** The API version of a client of the official package; null when it is unknown. */
function versionOf(client: StripeClient): string | null {
  const { getApiField } = client as { getApiField?: (field: "version") => unknown };
  const version = typeof getApiField === "function" ? getApiField.call(client, "version") : null;
  return typeof version === "string" ? version : null;
}

function failure(error: unknown, listed: string): Pick<Finding, "code" | "says" | "remedy"> {
  if (error instanceof NoClient) {
    return {
      code: "no_client",
      says: "There is no API client.",
      remedy: "Give createReceiver({ stripe: new Stripe(key) }).",
    };
  }
  return {
    code: "api_failed",
    says: `The API does not list the ${listed} (${apiFailure(error)}).`,
    remedy: `Check the client's key, its mode and its permissions: it must be able to read ${listed}.`,
  };
}
