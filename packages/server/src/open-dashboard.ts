import type { IdSource } from "@carabiner/protocol";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ClientAddresses } from "./api/client-address.ts";
import type { Clock } from "./clock/clock.ts";
import { createDashboardFiles } from "./dashboard/dashboard-files.ts";
import { addDashboardPage } from "./dashboard/dashboard-routes.ts";
import { createLiveStreams } from "./dashboard/live/live-streams.ts";
import { addStreamRoute } from "./dashboard/live/stream-route.ts";
import type { TouchedDeliveries } from "./dashboard/live/touched-deliveries.ts";
import { recordChanging } from "./dashboard/operator-sessions.ts";
import { sessionOf } from "./dashboard/session-of.ts";
import { addSessionRoutes } from "./dashboard/session-routes.ts";
import { createSessionUses } from "./dashboard/session-uses.ts";
import { createSignIns } from "./dashboard/sign-ins.ts";
import type { Ending } from "./ending.ts";
import { clientAddress } from "./http/admission.ts";
import type { PageSessions } from "./http/page-sessions.ts";
import type { Limits } from "./limits.ts";
import type { Settings } from "./operations/operation.ts";
import type { OperatorRow } from "./store/contract/rows.ts";
import type { Store } from "./store/store.ts";

/** The parts of a server that its dashboard needs. */
export interface DashboardParts {
  store: Store;
  clock: Clock;
  ids: IdSource;
  limits: Limits;
  settings: Settings;
  clients: ClientAddresses;
  ending: Ending;
  /** The platform of a `dev` server, which browsers on its machine use without signing in; null elsewhere. */
  devAccount: string | null;
  /** What this server settled recently: see `createTouchedDeliveries`. */
  touched: TouchedDeliveries;
  /** Called when an operator signs in. */
  onOperator(operator: OperatorRow, now: number): void;
}

/** The dashboard of a server: its page, and the sessions of the browsers that show it. */
export interface Dashboard {
  sessions: PageSessions;
  /** Adds its routes. Writes that it has started finish before the server closes. */
  addRoutes(app: FastifyInstance): void;
}

/**
 * The header of a request that the page makes automatically, without a user's action. Such a request does not extend
 * the session.
 */
const BACKGROUND_HEADER = "carabiner-background";

export function openDashboard(parts: DashboardParts): Dashboard {
  const { store, clock, limits, settings, clients, ending, devAccount } = parts;
  const address = (request: FastifyRequest) => clientAddress(clients, request);
  const uses = createSessionUses(store, limits, ending.fail);
  const used = (hash: string, { headers }: Pick<FastifyRequest, "headers">): void => {
    if (headers[BACKGROUND_HEADER] === undefined) uses.used(hash, Math.floor(clock.wallNow()));
  };
  return {
    sessions: {
      of: (request) => sessionOf(parts, request),
      changing: (session, request) => recordChanging({ ...parts, clientAddress: address }, session, request),
      used(session, request) {
        if (session.kind === "stored") used(session.hash, request);
      },
    },
    addRoutes(app) {
      app.addHook("onClose", () => uses.close());
      addDashboardPage(app, { settings, ownHostOnly: devAccount !== null, built: createDashboardFiles() });
      const onBug = ending.fail;
      addStreamRoute(app, { ...parts, onBug, streams: createLiveStreams({ ...parts, onBug }) });
      addSessionRoutes(app, { ...parts, signIns: createSignIns(limits), clientAddress: address, used });
    },
  };
}
