import type { Logger } from "pino";
import type { Clock } from "./clock/clock.ts";
import { clockProcedures } from "./console/clock.ts";
import { consoleResources } from "./console/console-resources.ts";
import { type RetryPolicyName, retryPolicies } from "./deliveries/retry-policies.ts";
import type { Ending } from "./ending.ts";
import type { Limits } from "./limits.ts";
import { resources } from "./resources/resources.ts";
import { logTrouble } from "./server-log.ts";
import { createKeyUses, type KeyUses } from "./service/key-uses.ts";
import { endpointSecrets } from "./service/listening/endpoint-secrets.ts";
import { createListening, type Listening } from "./service/listening/listening.ts";
import { createRequestLog, type RequestLog } from "./service/request-log/request-log.ts";
import { createShownParam } from "./service/request-log/shown-param.ts";
import type { Store } from "./store/store.ts";

/**
 * What runs beside the HTTP server: the request log, the sessions of the official CLI, and the record of when keys were
 * used.
 */
export interface BesideHttp {
  requestLog: RequestLog;
  listening: Listening;
  keyUses: KeyUses;
  /** Works until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** The parts of a server that these need. */
export interface BesideHttpParts {
  store: Store;
  clock: Clock;
  limits: Limits;
  log: Logger;
  retryPolicy: RetryPolicyName;
  ending: Ending;
  listen: { endpointSecrets: boolean };
}

/**
 * The request log and the sessions of a server. On a `dev` server, whose platform is `devAccount`, the log also has
 * parameters, and requests without a valid key count as the platform's.
 */
export function besideHttp(
  { store, clock, limits, log, retryPolicy, ending, listen }: BesideHttpParts,
  devAccount: string | null,
): BesideHttp {
  const operations = [...resources, ...consoleResources].flatMap((resource) => resource.operations);
  const requestLog = createRequestLog({
    store,
    clock,
    limits,
    log,
    remembering: {
      showParam: createShownParam([...operations, ...clockProcedures(null)]),
      dev:
        devAccount === null
          ? null
          : {
              account: devAccount,
              pathChars: limits.requestPathChars,
              paramsChars: limits.requestParametersChars,
              answerChars: limits.requestAnswerChars,
            },
    },
  });
  const listening = createListening({
    store,
    clock,
    limits,
    log,
    policies: retryPolicies(retryPolicy, limits.attemptDeadlineMs),
    moreSecrets: async (claim, heard) => (listen.endpointSecrets ? endpointSecrets(store, claim, heard) : []),
    onTrouble: logTrouble(log, limits, clock.now, "what listens waits"),
    onBug: ending.fail,
  });
  const keyUses = createKeyUses(store, limits, ending.fail);
  requestLog.onWritten(listening.requestsWritten);
  return {
    requestLog,
    listening,
    keyUses,
    async run(signal) {
      await Promise.all([requestLog.run(signal), listening.run(signal)]);
      await keyUses.close();
    },
  };
}
