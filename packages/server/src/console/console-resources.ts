import type { Resource } from "../operations/operation.ts";
import { accountConnections } from "./account-connections.ts";
import { accountFigures } from "./account-figures.ts";
import { accountNames } from "./account-names.ts";
import { applications } from "./applications.ts";
import { audit } from "./audit.ts";
import { deliveries } from "./deliveries.ts";
import { endpointFigures } from "./endpoint-figures.ts";
import { endpointSwitches } from "./endpoint-switches.ts";
import { eventTypes } from "./event-types.ts";
import { platformEvents } from "./events.ts";
import { givenUp } from "./given-up.ts";
import { keys } from "./keys.ts";
import { ownPlatform } from "./own-platform.ts";
import { requests } from "./requests.ts";
import { resendJobs } from "./resend-jobs.ts";
import { search } from "./search.ts";
import { system } from "./system.ts";
import { upcoming } from "./upcoming.ts";
import { webhookEndpointControls } from "./webhook-endpoints.ts";

/** The parts of the console on every server. */
export const consoleResources: readonly Resource[] = [
  applications,
  audit,
  platformEvents,
  eventTypes,
  deliveries,
  givenUp,
  keys,
  ownPlatform,
  requests,
  resendJobs,
  webhookEndpointControls,
  endpointSwitches,
  endpointFigures,
  accountConnections,
  accountFigures,
  accountNames,
  search,
  system,
  upcoming,
];
