/**
 * What commands of the official CLI do here. Each row is shown by the test of the same name, and stands in a document.
 */
export interface StripeCliRow {
  /** The commands, as they are typed behind `stripe`. */
  commands: readonly string[];
  flags: readonly string[];
  /** In Markdown. */
  happens: string;
  /** The flags are refused with a reason. */
  refused?: true;
}

export type StripeCliRows = Readonly<Record<string, StripeCliRow>>;

const listen = (flags: readonly string[], happens: string) => ({ commands: ["listen"], flags, happens });
const tail = (flags: readonly string[], happens: string) => ({ commands: ["logs tail"], flags, happens });

export const LISTEN_ROWS = {
  plain: listen([], "shows the account's own events and those of connected accounts, whole and [thin](event-destinations.md)"),
  forwarding: listen(
    ["--forward-to", "--forward-connect-to"],
    "the account's own events go to the first, events of connected accounts to the second, or to the first when there is no second",
  ),
  headers: listen(["--headers", "--connect-headers"], "are sent with the account's own events, and with those of connected accounts"),
  events: listen(["--events"], "shows and forwards only these types; the CLI drops the others, which count as delivered"),
  eventsFrom: listen(
    ["--all-snapshot", "--events-from"],
    "all types; of the account itself (`@self`), or of connected accounts (`@accounts`)",
  ),
  latest: listen(["--latest"], "events have the latest API version instead of the account's own"),
  configured: listen(
    ["--use-configured-webhooks", "--load-from-webhooks-api"],
    "events go to the paths of the endpoints that are registered, on the host of `--forward-to`; the second is the flag's older name",
  ),
  secret: listen(["--print-secret"], "prints the signing secret: the same each time for the same key and device name"),
  json: listen(["--format"], "with `json`, prints each event as one line of JSON"),
  live: listen(["--live"], "with a live key, live events instead of test events"),
  skipVerify: listen(["--skip-verify"], "forwards to an address whose certificate is self-signed"),
  skipUpdate: listen(["--skip-update"], "the CLI does not look for a newer version of itself"),
  thin: listen(
    ["--all-thin", "--forward-to", "--forward-connect-to"],
    "[thin events](event-destinations.md) of all types instead of whole ones; `--events` with types such as `v1.account.updated` does so for these types",
  ),
  both: listen(
    ["--all-snapshot", "--all-thin", "--events"],
    "with both flags, or with types of both in `--events`, shows whole and thin events. The CLI forwards both only to different addresses",
  ),
  thinForwarding: listen(
    ["--thin-events", "--forward-thin-to", "--forward-thin-connect-to"],
    "flags that the CLI calls deprecated: thin events go there, whole ones to `--forward-to`",
  ),
  noEndpoint: listen([], "a session is not listed among the webhook endpoints, and does not count against their limit"),
  answeredWithError: listen([], "an event that the local server answers with an error is sent again by the retry policy"),
  notAnswered: listen([], "an event that did not reach the local server is also sent again"),
  signedAlso: listen([], "on a server with `--listen-endpoint-secrets`, the secret of the registered endpoint verifies the signature too"),
} as const satisfies StripeCliRows;

export const LOGS_TAIL_ROWS = {
  plain: tail([], "shows each request with its status"),
  json: tail(["--format"], "with `json`, each request is a line of JSON with its error, code and parameter"),
  method: tail(["--filter-http-method"], "`GET`, `POST` or `DELETE`"),
  status: tail(["--filter-status-code"], "such as `400`"),
  statusType: tail(["--filter-status-code-type"], "`2XX`, `4XX` or `5XX`"),
  outcome: tail(["--filter-request-status"], "`SUCCEEDED` or `FAILED`"),
  path: tail(["--filter-request-path"], "a path with its id or as its route, `/v1/payouts/:payout`"),
  account: tail(
    ["--filter-account"],
    "`self` or `connect_out`; `connect_in` shows nothing, since only platforms see what they do for an account",
  ),
  source: tail(["--filter-source"], "`API`; `DASHBOARD` shows nothing, since the pages make no requests with the account's keys"),
  address: { ...tail(["--filter-ip-address"], "refused: the log does not record addresses"), refused: true },
} as const satisfies StripeCliRows;

export const OTHER_ROWS = {
  unixSocket: {
    commands: ["listen", "logs tail", "trigger", "accounts list"],
    flags: [],
    happens: "over the Unix socket of `carabiner dev`, no flag says where the server is",
  },
  client: {
    commands: ["listen"],
    flags: ["--api-key", "--device-name", "--color", "--config", "--log-level", "--project-name", "--map"],
    happens: "concern the CLI itself, and work as with Stripe; another device name has another signing secret",
  },
  resend: {
    commands: ["events resend"],
    flags: ["--webhook-endpoint"],
    happens: "sends to that endpoint; without the flag to the active sessions, or else to each endpoint that selects the event",
  },
  post: {
    commands: ["post"],
    flags: ["-d", "-i"],
    happens: "sends parameters, with brackets where they are nested, and an idempotency key",
  },
  get: { commands: ["get"], flags: [], happens: "shows an object by its id or its path" },
  delete: { commands: ["delete"], flags: ["-c"], happens: "deletes an object, without asking" },
  resource: {
    commands: ["webhook_endpoints create"],
    flags: ["--url", "--connect", "--enabled-events"],
    happens: "makes an endpoint, as the commands of other resources make theirs",
  },
  refusal: { commands: ["post"], flags: [], happens: "a request that is refused shows the server's message" },
  wrongKey: {
    commands: ["listen", "logs tail"],
    flags: [],
    happens: "a wrong key ends the command with the server's message and exit code 1",
  },
  noServer: { commands: ["get"], flags: [], happens: "a server that is not there ends the command with exit code 1" },
} as const satisfies StripeCliRows;
