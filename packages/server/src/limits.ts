/** Every limit of the server: its name says the unit, its value here is the default. `docs/configuration.md` lists them. */
export const DEFAULT_LIMITS = {
  // Requests
  /** Largest request body. */
  requestBodyBytes: 1_000_000,
  /** Largest head of a request: its first line, with the query string, and its headers. */
  requestHeaderBytes: 16_384,
  /** Longest id in a path. */
  pathParameterChars: 256,
  /** How deep `a[b][c]` may nest. */
  parameterDepth: 8,
  /** How deep a JSON body may nest: it may hold whole objects, which nest deeper than parameters do. */
  jsonDepth: 32,
  /** How many values a form or a query string may hold. */
  parameterCount: 20_000,
  /** How long a client may take to send its request, in all. */
  requestTimeoutMs: 30_000,
  /** How long it may take for the head of it: from its first byte on, and on a new connection from the start. */
  requestHeadTimeoutMs: 10_000,
  /** How long a connection is kept for another request. */
  keepAliveMs: 72_000,
  /** How long a client may take nothing of an answer that it has not read to the end. */
  answerTimeoutMs: 30_000,
  /** Connections to the API at once. */
  apiConnections: 4_096,
  /** Of these, those of one address, or of one /64 of IPv6. Trusted proxies may have more. */
  apiConnectionsPerAddress: 512,
  /** Of these, those that only an address without any other gets: probes and new clients. */
  apiConnectionsReserved: 64,
  /** How often the log tells at most of connections that were closed because there were too many. */
  crowdToldMs: 10_000,
  /** Connections to the address that serves metrics, at once. */
  metricsConnections: 16,
  /** Deliveries that are due are counted up to so many each time metrics are asked for. */
  metricsBacklogCounted: 100_000,
  /** Requests a second with one key, in the long run and at once; 0 a second is no limit. All unknown keys of an address count as one. */
  requestsPerSecondPerKey: 0,
  requestBurstPerKey: 100,
  /** The same for one address, or one /64 of IPv6. */
  requestsPerSecondPerAddress: 0,
  requestBurstPerAddress: 200,
  /** Keys, and addresses, for which it is remembered what they asked. */
  rateLimitsKept: 10_000,
  /** Longest `Idempotency-Key`. Source: https://docs.stripe.com/api/idempotent_requests */
  idempotencyKeyChars: 255,
  /** How long a stored answer is replayed. Same source. */
  idempotencyKeptMs: 24 * 3_600_000,
  /** Levels of `expand`. Source: https://docs.stripe.com/api/expanding_objects */
  expandLevels: 4,
  /** Objects in a list answer, at most and when not asked. Source: https://docs.stripe.com/api/pagination */
  listItems: 100,
  listItemsDefault: 10,
  /** Metadata. Source: https://docs.stripe.com/api/metadata */
  metadataKeys: 50,
  metadataKeyChars: 40,
  metadataValueChars: 500,
  /** Endpoints of one account in one mode. Source: https://docs.stripe.com/webhooks */
  endpointsPerMode: 16,
  /** How long a verification takes. Observed in test mode: two to three minutes. */
  verificationMs: 120_000,
  /** How long something may be missing that an enabled account had given. Source: https://docs.stripe.com/connect/update-verified-information */
  requirementGraceMs: 14 * 24 * 3_600_000,
  /** People of one account. */
  personsPerAccount: 100,
  /** Bank accounts and cards of one account in one mode. */
  externalAccountsPerMode: 100,
  /** Of these, in the answer that shows the account. Source: https://docs.stripe.com/api/accounts/object */
  externalAccountsShown: 10,

  /** How long it takes to find out who owns a bank account. */
  ownershipCheckMs: 30_000,
  // Connecting
  /** How long an authorization code can be exchanged. Source: https://docs.stripe.com/connect/oauth-reference */
  authorizationCodeMs: 5 * 60_000,
  /** How long a used code is remembered, so that using it again is noticed. */
  authorizationCodeKeptMs: 24 * 3_600_000,
  /** How long an account link or a login link can be followed. Source: https://docs.stripe.com/api/account_links/object */
  pageLinkMs: 5 * 60_000,
  /** How long it is remembered, so that whoever follows it late is sent back. */
  pageLinkKeptMs: 30 * 24 * 3_600_000,
  /** How long the pages behind it stay open to the browser that followed it. */
  pageSessionMs: 60 * 60_000,
  /** Redirect URIs of one application. */
  redirectUris: 100,

  // Files. Source of the sizes: https://docs.stripe.com/file-upload
  /** Largest body of an upload: the file, and the form around it. */
  uploadBodyBytes: 17 * 1_024 * 1_024,
  /** Parts of an upload: the file and its parameters. */
  uploadParts: 80,
  /** Largest parameter of an upload. */
  uploadFieldBytes: 8_192,
  /** Largest head of a part. */
  uploadHeaderBytes: 8_192,
  /** A document that proves who somebody is, or what. Source: https://docs.stripe.com/connect/handling-api-verification */
  documentFileBytes: 10 * 1_024 * 1_024,
  /** Its width and its height, when it is an image. Same source. */
  documentSidePixels: 8_000,
  /** A logo or an icon. */
  brandingFileBytes: 512 * 1_024,
  /** A signature. */
  signatureFileBytes: 4 * 1_024 * 1_024,
  /** Evidence in a dispute. */
  evidenceFileBytes: 5 * 1_024 * 1_024,
  /** A regulatory report. */
  reportFileBytes: 256 * 1_024,
  /** A splash screen of a Terminal reader. */
  splashscreenFileBytes: 2 * 1_024 * 1_024,
  /** Any other file. */
  fileBytes: 16 * 1_024 * 1_024,

  // Events
  /** Events in one publish request. */
  publishEvents: 1_000,
  /** How far back events can be read. Source: https://docs.stripe.com/api/events */
  eventsKeptMs: 30 * 24 * 3_600_000,

  // Money
  /** The most of one payment, transfer or top-up, in a currency's smallest unit: eight digits. Source: https://docs.stripe.com/currencies */
  paymentAmountUnits: 99_999_999,
  /** The most of one payout, in a currency's smallest unit: what many payments came to. */
  payoutAmountUnits: 999_999_999_999,
  /** The most of one instant payout to a bank account, in cents of US dollars. Source: https://docs.stripe.com/payouts/instant-payouts */
  instantPayoutUsdCents: 999_900,
  /** Payment methods of one customer, sources among them. */
  paymentMethodsPerCustomer: 500,
  /** How long an account has to respond to a dispute, before the rest of the last day. Observed in test mode. */
  disputeResponseMs: 8 * 24 * 3_600_000,
  /** How long a bank takes to decide on evidence that names its outcome, in test mode. Observed: about 5 seconds. */
  disputeReviewMs: 5_000,
  /** The most characters of a dispute's evidence, all of it together. Source: https://docs.stripe.com/api/disputes/update */
  disputeEvidenceChars: 150_000,
  /** How long a top-up takes in live mode. Until then it can be canceled. */
  topupArrivalMs: 3 * 24 * 3_600_000,
  /** How long it takes in test mode. */
  testTopupArrivalMs: 30_000,

  // Store
  /** Connections to a PostgreSQL database. */
  databaseConnections: 10,
  /** Calls that may wait for one; those that come then are refused at once. */
  databaseCallsWaiting: 1_000,
  /** How long to wait for one of them. */
  databaseConnectMs: 2_000,
  /** How long to wait for the answer of a PostgreSQL database. One that takes longer counts as gone. */
  databaseAnswerMs: 5_000,
  /** How long a connection that is ended waits for the other side to close it. */
  databaseEndMs: 1_000,
  /** How long events go into one partition of a PostgreSQL database. Old ones are dropped a partition at a time. */
  partitionMs: 7 * 24 * 3_600_000,
  /** How long everybody may be held up by a partition that is dropped. If that is not enough, it is tried again later. */
  partitionWaitMs: 500,
  /** How often a server that shares its database says that it lives, and looks at the database's time. */
  nodeBeatMs: 2_000,
  /** A server that has not said so for this long is gone: what it had leased is due again. */
  nodeGoneMs: 10_000,

  // Tasks
  /** Tasks that are due and done in one commit. */
  tasksAtOnce: 100,
  /** How long to wait before a store that was away is asked for tasks again. */
  tasksTroublePauseMs: 250,

  // Deliveries
  /** From the start of an attempt to the end of the answer's head. */
  attemptDeadlineMs: 30_000,
  /** To connect, TLS included; part of the deadline. */
  attemptConnectMs: 5_000,
  /** How much of an answer is read before the connection is closed. */
  responseReadBytes: 65_536,
  /** How much of an answer's body is kept with the attempt. */
  responseKeptBytes: 4_096,
  /** How long the body of an answer may take after its head. */
  responseBodyMs: 2_000,
  /** Bodies that are waited for at once, in all and of one endpoint. Of further answers only the part that came with the head is kept. */
  responseBodies: 512,
  responseBodiesPerEndpoint: 16,
  /** Largest head of an answer, and of all interim answers before it together. */
  responseHeaderBytes: 16_384,
  /** Interim answers (1xx) before the answer itself. */
  interimAnswers: 16,
  /** Connections kept open for the next delivery, in all. */
  idleConnections: 512,
  /** How long each is kept. Many servers close it after 5 s, and a request that is on its way then is lost. */
  idleConnectionMs: 4_000,
  /** The most when a receiver asks for longer: until then its name is not looked up again. */
  idleConnectionLongestMs: 30_000,
  /** How long a name server may take to answer, each time it is asked. */
  nameQueryMs: 1_500,
  /** How often each name server is asked. */
  nameQueryTries: 2,
  /** How long it may take to find a name's addresses; part of the time to connect. */
  nameLookupMs: 4_500,
  /** How long addresses of one family wait for those of the other. */
  nameSecondFamilyMs: 250,
  /** Names remembered. */
  namesKept: 4_096,
  /** How long the addresses of a name are remembered at most; less when its records say so. */
  nameKeptMs: 60_000,
  /** How long it is remembered that a name was not found, or that nobody answered. */
  nameFailureKeptMs: 2_000,
  /** How much of `/etc/hosts` and `/etc/resolv.conf` is read. */
  nameFileBytes: 1_048_576,
  /** How long a claim is one engine's alone. Must exceed the deadline. */
  leaseMs: 90_000,
  /**
   * Attempts under way at once: in all, for the endpoints of one account, and for one endpoint. An attempt counts until its outcome is known.
   * Slow ones beyond the share that they may take do not count, up to as many again.
   */
  attemptsInFlight: 512,
  attemptsInFlightPerAccount: 256,
  attemptsInFlightPerEndpoint: 32,
  /** The same for an endpoint of which this server has no record. Each success doubles it, each failure halves it. */
  attemptsInFlightAtFirst: 4,
  /** The share of `attemptsInFlight` that all endpoints without a record may take together, and all that fail or are slow. */
  unprovenPercent: 12,
  failingPercent: 12,
  /** The share that is kept free for each of these two when healthy endpoints would take everything. */
  reservedPercent: 3,
  /** An endpoint is slow while its answers take longer than this, on average or the one that is under way. */
  slowAnswerMs: 2_000,
  /** Failures in a row after which nothing is sent to an endpoint for a while; 0 for never. On a `dev` server it is 0 unless it is set. */
  breakerFailures: 8,
  /** How long that is the first time, and at the most: it doubles each time. */
  breakerOpenMs: 10_000,
  breakerOpenLongestMs: 300_000,
  /** Endpoints to which nothing is sent for a while, at most; further ones are sent to one delivery at a time. */
  endpointsHeld: 1_024,
  /** Endpoints whose record is kept while nothing is sent to them. */
  endpointsRemembered: 16_384,
  /** Attempts a second to any one endpoint; 0 for no limit. One with a lower rate limit of its own keeps that. Each server that sends counts for itself. */
  endpointRatePerSecond: 0,
  /** Largest rate limit that an endpoint can be given. */
  endpointRateMostPerSecond: 10_000,
  /** The longest time that a failed answer can ask to wait for (`Retry-After`) before the delivery is tried again. */
  retryAfterLongestMs: 24 * 3_600_000,
  /** The longest time for which an answer with status 429 or 503 can ask that nothing at all is sent to the endpoint. */
  retryAfterHoldLongestMs: 300_000,
  /** Deliveries held in memory, until they are settled: in all, for the endpoints of one account, and for one endpoint. */
  claimsHeld: 65_536,
  claimsHeldPerAccount: 32_768,
  claimsHeldPerEndpoint: 32_768,
  /** Bytes of their bodies. */
  claimsHeldBytes: 128 * 1_024 * 1_024,
  /** Deliveries claimed in one go, in all and of one endpoint. An endpoint with twice its share in hand is passed over. */
  claimsAtOnce: 1_024,
  claimsAtOncePerEndpoint: 256,
  /** The same of an endpoint that is failing. */
  claimsAtOncePerFailingEndpoint: 2,
  /** How long an outcome waits for others to share its commit while attempts are under way. */
  settleWithinMs: 20,
  /** Longest sleep of the engine: the backstop for a wake-up that was missed. */
  engineIdleMs: 5_000,
  /**
   * After an unclean end what was under way goes out again one at a time. So long each attempt may take then, and all of them
   * together, while nothing else is sent. After further ends in a row both are four times as long each time, the round
   * `carefulRoundLongestMs` at most.
   */
  carefulAttemptMs: 2_000,
  carefulRoundMs: 10_000,
  /** The longest time for which such a round keeps everything else from being sent, however many ends there were. */
  carefulRoundLongestMs: 60_000,
  /** An unclean end so long after the last one, or after what followed on it, does not count as in a row with it. */
  uncleanEndsApartMs: 15 * 60_000,
  /** How long a stopping server waits for attempts under way. */
  drainMs: 10_000,
  /** First failure of an endpoint to the warning of its owner. Observed: two to three days. */
  endpointWarningMs: 3 * 24 * 3_600_000,
  /** First failure of an endpoint to its being disabled. Observed: exactly 9 days. */
  endpointFailingMs: 9 * 24 * 3_600_000,
  /** Attempts that wait to be told to observers; further ones are left out, and counted. */
  activitiesWaiting: 10_000,
  /** Lines a minute that `serve` logs of attempts that fail, and as many of endpoints that begin to fail or answer again; 0 for none. */
  failuresLoggedPerMinute: 60,
  /** A rolled secret signs beside the new one for at most this long. Source: https://docs.stripe.com/webhooks#roll-endpoint-secrets */
  secretOverlapMs: 24 * 3_600_000,
  /** Secrets of one endpoint that sign at the same time: each adds to the signature of every delivery. */
  secretsPerEndpoint: 10,
} as const;

export type Limits = { readonly [Name in keyof typeof DEFAULT_LIMITS]: number };
