import { accounts } from "./accounts.ts";
import { customers } from "./customers.ts";
import { events } from "./events.ts";
import type { Resource } from "./operation.ts";
import { webhookEndpoints } from "./webhook-endpoints.ts";

/** Every kind of object the API serves. */
export const resources: readonly Resource[] = [accounts, customers, events, webhookEndpoints];
