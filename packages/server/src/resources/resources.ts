import { accounts } from "./accounts/accounts.ts";
import { customers } from "./customers/customers.ts";
import { events } from "./events/events.ts";
import type { Resource } from "./operation.ts";
import { webhookEndpoints } from "./webhook-endpoints/webhook-endpoints.ts";

/** Every kind of object the API serves. */
export const resources: readonly Resource[] = [accounts, customers, events, webhookEndpoints];
