/** Every limit of the server. The name says the unit, the value is the default. `docs/configuration.md` lists them. */
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
  /**
   * How long a client may take to send the head of its request: from the first byte on, and on a new connection from
   * the start.
   */
  requestHeadTimeoutMs: 10_000,
  /** How long a connection is kept for another request. */
  keepAliveMs: 72_000,
  /** Requests that may wait on a connection until those before them are answered. A connection with more is closed. */
  requestsPipelined: 16,
  /** How long a client may stop reading an answer that it has not read to the end. */
  answerTimeoutMs: 30_000,
  /**
   * How long a page that could not be shown waits before it loads again: about as long as a server takes to start anew.
   */
  failedPageReloadMs: 3_000,
  /** Connections to the API at once. */
  apiConnections: 4_096,
  /** Of these, connections from one address, or one /64 of IPv6. Trusted proxies may have more. */
  apiConnectionsPerAddress: 512,
  /** Of these, connections reserved for addresses that have no other: probes and new clients. */
  apiConnectionsReserved: 64,
  /** The shortest time between two log lines about connections that were closed because there were too many. */
  crowdToldMs: 10_000,
  /** How long a probe waits for the store before it is answered that the server is not ready. */
  probeMs: 800,
  /** How long deliveries and scheduled work may be due before `/health` says that they are not done. */
  healthDueMs: 5 * 60_000,
  /** How often that is looked up for `/health`, at most. */
  healthLookMs: 10_000,
  /** The shortest time between two log lines that say for the same reason that the store cannot be reached. */
  troubleToldMs: 10_000,
  /** How often a new connection makes the server look whether the files of its certificate have changed, at most. */
  certificateCheckedMs: 1_000,
  /** Connections to the address that serves metrics, at once. */
  metricsConnections: 16,
  /** Deliveries that are due are counted up to so many each time metrics are asked for. */
  metricsBacklogCounted: 100_000,
  /** Resend jobs that are looked at then. */
  metricsResendJobs: 1_000,
  /**
   * Requests a second with one key, in the long run and at once; 0 a second means no limit. All unknown keys from one
   * address count as one.
   */
  requestsPerSecondPerKey: 0,
  requestBurstPerKey: 100,
  /** The same for one address, or one /64 of IPv6. */
  requestsPerSecondPerAddress: 0,
  requestBurstPerAddress: 200,
  /** Keys, and addresses, whose recent requests are remembered. */
  rateLimitsKept: 10_000,
  /** Longest `Idempotency-Key`. Source: https://docs.stripe.com/api/idempotent_requests */
  idempotencyKeyChars: 255,
  /** How long a stored answer is replayed. Same source. */
  idempotencyKeptMs: 24 * 3_600_000,
  /** How long the request log keeps a request. */
  requestsKeptMs: 7 * 24 * 3_600_000,
  /** How far the machine's time is from the server's clock, at least, where the request log has both. */
  requestClocksApartMs: 1_000,
  /**
   * How many requests may wait to be written, and how long each waits for others to share its commit. Further ones are
   * only counted.
   */
  requestsWaiting: 10_000,
  requestsWithinMs: 250,
  /**
   * Characters of a request's path that a `dev` server remembers, and that the audit log keeps of an operator's
   * request.
   */
  requestPathChars: 500,
  /** Characters that a `dev` server remembers of a request's query, and of the parameters in its body. */
  requestParametersChars: 4_096,
  /** Characters of its answer. */
  requestAnswerChars: 32_768,
  /** Levels of `expand`. Source: https://docs.stripe.com/api/expanding_objects */
  expandLevels: 4,
  /** API keys of an account that have not expired, in one mode. */
  keysPerMode: 100,
  /** Operators of a server whose keys have not expired. */
  operatorsPerServer: 100,
  /** Rows of an erased account that are deleted in one transaction. */
  erasedRowsAtOnce: 1_000,
  /** How long a rolled key may stay valid beside the new one, at most. */
  keyOverlapMs: 7 * 24 * 3_600_000,
  /**
   * How far apart the clocks of servers on one database may be: each may be wrong by `SURE_MS` of `database-clock.ts`.
   * A key that ends at once ends so much before the time of the server that ends it, so that no other takes it any
   * more.
   */
  clocksApartMs: 250,
  /** Longest single advance of a turned clock: ten years. */
  clockAdvanceSeconds: 10 * 366 * 24 * 3_600,
  /** How long a session of the dashboard lasts after it was last used, and at most. */
  dashboardIdleMs: 30 * 60_000,
  dashboardSessionMs: 12 * 3_600_000,
  /**
   * How often the use of a session is recorded, at most; more often where sessions end sooner than in four times that.
   */
  dashboardUseNotedMs: 60_000,
  /** Sign-ins from one address, at once and in a minute. */
  dashboardSignInsPerMinute: 10,
  /** Deliveries of an endpoint that its figures are made from: the newest. */
  figuresDeliveries: 5_000,
  /** Deliveries of each endpoint that the figures in a list of endpoints are made from: the newest of a day. */
  figuresListedDeliveries: 300,
  /** The newest deliveries that were given up among which those are counted that were not received since. */
  givenUpCounted: 1_000,
  /** The newest events of an account that its figures are made from. */
  figuresAccountEvents: 500,
  /** The newest events of an account about its connections, in which those that have ended are found. */
  connectionEvents: 2_000,
  /** Deliveries that wait for an endpoint are counted up to so many. */
  figuresPending: 10_000,
  /** The newest deliveries that tell how much is sent now: at most so many, of at most this time. */
  throughputDeliveries: 5_000,
  throughputMs: 60_000,
  /** How often a page that follows what happens is told of changes. */
  liveEveryMs: 1_000,
  /** How long before the last look for changes the next one begins, so that what was committed late is not missed. */
  liveOverlapMs: 3_000,
  /** Changes of each kind that it is told of at once. When there are more, it loads the list again. */
  liveItems: 50,
  /** Pages that follow at once: in all, and those of one account in one mode. */
  liveStreams: 256,
  liveStreamsPerAccount: 16,
  /** Bytes that may wait for a page that reads slowly. It is told nothing more until it has read them. */
  liveBufferBytes: 262_144,
  /** How long its stream may be silent, so that proxies keep it open, and the page knows that it is. */
  liveHeartbeatMs: 15_000,
  /** How often its key or session is checked again. */
  liveCheckedMs: 5_000,
  /** How long it waits before it comes back after its connection broke. */
  liveRetryMs: 2_000,
  /** How often the use of a key is recorded, at most. */
  keyUseNotedMs: 3_600_000,
  /** Keys for which a server remembers when it last recorded a use. */
  keyUsesRemembered: 10_000,
  /** Objects in a list answer: at most, and by default. Source: https://docs.stripe.com/api/pagination */
  listItems: 100,
  listItemsDefault: 10,
  /** Objects that one search looks at: an answer that finds less than it was asked for says where to go on. */
  searchedRows: 10_000,
  /** Metadata. Source: https://docs.stripe.com/api/metadata */
  metadataKeys: 50,
  metadataKeyChars: 40,
  metadataValueChars: 500,
  /** Endpoints of one account in one mode. Source: https://docs.stripe.com/webhooks */
  endpointsPerMode: 16,
  /** How long a verification takes. Observed in test mode: two to three minutes. */
  verificationMs: 120_000,
  /**
   * How long an enabled account may lack something that it had submitted.
   * Source: https://docs.stripe.com/connect/update-verified-information
   */
  requirementGraceMs: 14 * 24 * 3_600_000,
  /** Accounts that one call looks at for those with given configurations. What is left is on the next page. */
  accountsScannedPerList: 1_000,
  /** People of one account. */
  personsPerAccount: 100,
  /** Bank accounts and cards of one account in one mode. */
  externalAccountsPerMode: 100,
  /** Of these, how many the account's own answer shows. Source: https://docs.stripe.com/api/accounts/object */
  externalAccountsShown: 10,

  /** How long the check of a bank account's owner takes. */
  ownershipCheckMs: 30_000,
  // Connecting
  /** How long an authorization code can be exchanged. Source: https://docs.stripe.com/connect/oauth-reference */
  authorizationCodeMs: 5 * 60_000,
  /** How long a used code is remembered, to detect that it is used again. */
  authorizationCodeKeptMs: 24 * 3_600_000,
  /**
   * How long an account link or a login link can be followed. Source: https://docs.stripe.com/api/account_links/object
   */
  pageLinkMs: 5 * 60_000,
  /** How long it is remembered, so that a user who follows it late is sent back. */
  pageLinkKeptMs: 30 * 24 * 3_600_000,
  /** How long the pages behind it stay open to the browser that followed it. */
  pageSessionMs: 60 * 60_000,
  /**
   * How long a token of the v2 API for an account or a person can be used, and how long it is kept.
   * Source: https://docs.stripe.com/api/v2/core/account-tokens/object
   */
  v2TokenMs: 10 * 60_000,
  v2TokenKeptMs: 24 * 3_600_000,
  /** How long an ephemeral key can be used. Source: https://docs.stripe.com/mobile/ephemeral-keys */
  ephemeralKeyMs: 60 * 60_000,
  /**
   * How long a Checkout Session is open, at least and at most; at most is the default.
   * Source: https://docs.stripe.com/api/checkout/sessions/create
   */
  checkoutSessionShortestMs: 30 * 60_000,
  checkoutSessionMs: 24 * 3_600_000,
  /** Line items of one Checkout Session. Same source. */
  checkoutLineItems: 100,
  /** Redirect URIs of one application. */
  redirectUris: 100,

  // Files. Source of the sizes: https://docs.stripe.com/file-upload
  /** Largest body of an upload: the file, and the form around it. */
  uploadBodyBytes: 17 * 1_024 * 1_024,
  /** Parts of an upload: the file and its parameters. */
  uploadParts: 80,
  /** Largest parameter of an upload. */
  uploadFieldBytes: 8_192,
  /** Of the head of a part, what is read: what stands beyond is ignored. */
  uploadHeaderBytes: 8_192,
  /**
   * A document that proves an identity or a company. Source: https://docs.stripe.com/connect/handling-api-verification
   */
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
  /** The longest time that a platform can set for its own events; never less than `eventsKeptMs`. */
  eventsKeptLongestMs: 30 * 24 * 3_600_000,
  /**
   * How long the attempts of a delivery that has ended are kept, from when it was made; never longer than its event.
   */
  attemptsKeptMs: 30 * 24 * 3_600_000,
  /** How long the head and the body of an answer are kept with its attempt; never longer than the attempt. */
  attemptBodiesKeptMs: 30 * 24 * 3_600_000,
  /** How long an entry of the audit log is kept; 0 for always. */
  auditKeptMs: 0,
  /**
   * The shortest time that a platform can set: for its events, or until a failing endpoint is warned of or disabled.
   */
  platformSettingShortestMs: 3_600_000,
  /** The longest time that a platform can set until a failing endpoint is warned of or disabled. */
  endpointRuleLongestMs: 366 * 24 * 3_600_000,
  /** How often old rows are looked for. */
  sweepEveryMs: 10 * 60_000,
  /**
   * Old rows of each kind that are deleted in one commit, and how long the sweep rests after it at least, so that
   * requests and deliveries continue meanwhile.
   */
  sweptAtOnce: 500,
  sweepRestMs: 5,
  /** The share of the time that a sweep takes for its commits. It rests for the rest. */
  sweepPercent: 10,
  /** How far that share grows while sweeps do not keep up with what becomes old. */
  sweepLatePercent: 50,
  /**
   * How long a server waits before it looks again whether files can be purged after an erasure that was interrupted.
   */
  purgeRetryMs: 1_000,

  /** Pending deliveries that are counted to tell what pausing, resuming, disabling or enabling an endpoint does. */
  waitingCounted: 100_000,
  /**
   * Deliveries a second that a resend job makes, unless it is told another rate; and the highest rate it can be told.
   */
  resendsPerSecond: 500,
  resendsMostPerSecond: 10_000,
  /** Deliveries that one step of a resend job makes, in one commit, at most. */
  resendsAtOnce: 200,
  /** Deliveries that one step of a dry run looks at. */
  resendLookedAtOnce: 2_000,
  /** Events that a resend job has in memory at a time. One may be as large as a request. */
  resendEventsHeld: 32,
  /** Resend jobs of one account that run at the same time, in one mode. */
  resendJobsRunning: 10,

  // Sessions of the official CLI that listen
  /** Sessions of one account in one mode. One whose client has gone makes room for another. */
  listenSessionsPerAccount: 16,
  /** How long a session waits for its socket to be opened, and for its client to come back. */
  listenDialMs: 60_000,
  listenAwayMs: 5 * 60_000,
  /** The longest life of a session. After that its client makes another. */
  listenSessionMs: 7 * 24 * 3_600_000,
  /** How often its client opens another socket in place of the one it has. */
  listenRedialMs: 60_000,
  /** How long its client may say nothing. It sends a ping every two seconds. */
  listenSilenceMs: 15_000,
  /** How long its client may take to acknowledge an event. */
  listenAckMs: 30_000,
  /** How long a local server's answer may take after the event was acknowledged. The client waits 30 s for it. */
  listenAnswerMs: 35_000,
  /**
   * How often the server checks these times, ends expired sessions, and tries again after the store was unavailable.
   */
  listenTickMs: 1_000,
  listenSweepMs: 10_000,
  listenTroublePauseMs: 250,
  /** Events of one session that may be unacknowledged, and that may wait for an answer. */
  listenUnacknowledged: 512,
  listenAnswersAwaited: 65_536,
  /** Bytes that may wait for a client that reads slowly. The server sends nothing more until it has read some. */
  listenBufferBytes: 1_048_576,
  /** Largest frame that a client may send. */
  listenFrameBytes: 262_144,

  // Money
  /**
   * The largest payment, transfer or top-up, in a currency's smallest unit: eight digits.
   * Source: https://docs.stripe.com/currencies
   */
  paymentAmountUnits: 99_999_999,
  /** The largest payout, in a currency's smallest unit: the sum of many payments. */
  payoutAmountUnits: 999_999_999_999,
  /**
   * The largest instant payout to a bank account, in cents of US dollars.
   * Source: https://docs.stripe.com/payouts/instant-payouts
   */
  instantPayoutUsdCents: 999_900,
  /** Payment methods of one customer, sources among them. */
  paymentMethodsPerCustomer: 500,
  /**
   * How long a dispute can be answered, in addition to the rest of that day. Observed in test mode: until the end of
   * the ninth day.
   */
  disputeResponseMs: 8 * 24 * 3_600_000,
  /**
   * How long a bank takes, in test mode, to decide on evidence whose text says the result. Observed there: about 5
   * seconds.
   */
  disputeReviewMs: 5_000,
  /** The characters of a dispute's evidence in total. Source: https://docs.stripe.com/api/disputes/update */
  disputeEvidenceChars: 150_000,
  /** How long a top-up takes in live mode. Until then it can be canceled. */
  topupArrivalMs: 3 * 24 * 3_600_000,
  /** How long it takes in test mode. */
  testTopupArrivalMs: 30_000,

  // Store
  /** How long pieces of work on an SQLite file follow each other before probes and other clients have their turn. */
  fileGroupMs: 20,
  /** Connections to a PostgreSQL database. */
  databaseConnections: 10,
  /** Of these, connections that stay open while there is nothing to do: the first call on a new one takes longer. */
  databaseConnectionsKept: 4,
  /**
   * Calls that may wait for a connection. Further ones are refused at once, and so are those of a client that has as
   * many waiting as places are left.
   */
  databaseCallsWaiting: 1_000,
  /** How long to wait for a connection. */
  databaseConnectMs: 2_000,
  /** How long to wait for the answer of a PostgreSQL database. A database that takes longer counts as gone. */
  databaseAnswerMs: 5_000,
  /** How long a closing connection waits for the other side to close it. */
  databaseEndMs: 1_000,
  /** How long events go into one partition of a PostgreSQL database. Old ones are dropped a partition at a time. */
  partitionMs: 7 * 24 * 3_600_000,
  /** How long the drop of a partition may block others. If that is not enough, it is retried later. */
  partitionWaitMs: 500,
  /** How often a server that shares its database reports that it is alive, and reads the database's time. */
  nodeBeatMs: 2_000,
  /** A server that has not reported for this long counts as gone: what it had leased is due again. */
  nodeGoneMs: 10_000,

  // Tasks
  /** Due tasks that are done in one commit. */
  tasksAtOnce: 100,
  /** How long to wait before an unreachable store is asked for tasks again. */
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
  /**
   * Bodies that are awaited at once, in all and from one endpoint. Of further answers only the part that arrived with
   * the head is kept.
   */
  responseBodies: 512,
  responseBodiesPerEndpoint: 16,
  /** Largest head of an answer, and of all interim answers before it together. */
  responseHeaderBytes: 16_384,
  /** Interim answers (1xx) before the answer itself. */
  interimAnswers: 16,
  /** Connections kept open for the next delivery, in all. */
  idleConnections: 512,
  /** How long each is kept. Many servers close it after 5 s, and a request that is on the way then is lost. */
  idleConnectionMs: 4_000,
  /** The longest time when a receiver asks for more. During it the receiver's name is not looked up again. */
  idleConnectionLongestMs: 30_000,
  /** How long a name server may take to answer, each time it is asked. */
  nameQueryMs: 1_500,
  /** How often each name server is asked. */
  nameQueryTries: 2,
  /** How long a lookup of a name's addresses may take in all; part of the time to connect. */
  nameLookupMs: 4_500,
  /** How long addresses of one family wait for those of the other. */
  nameSecondFamilyMs: 250,
  /** Names remembered. */
  namesKept: 4_096,
  /** How long the addresses of a name are remembered at most; less if its records say so. */
  nameKeptMs: 60_000,
  /** How long a failed lookup is remembered: the name was not found, or no server answered. */
  nameFailureKeptMs: 2_000,
  /** How much of `/etc/hosts` and `/etc/resolv.conf` is read. */
  nameFileBytes: 1_048_576,
  /** How long a claim belongs to one engine. Must exceed the deadline. */
  leaseMs: 90_000,
  /**
   * Attempts under way at once: in all, for the endpoints of one account, and for one endpoint. An attempt counts until
   * its outcome is known. Slow attempts beyond their share do not count, up to the same number again.
   */
  attemptsInFlight: 512,
  attemptsInFlightPerAccount: 256,
  attemptsInFlightPerEndpoint: 32,
  /** The same for an endpoint without a record on this server. Each success doubles it, each failure halves it. */
  attemptsInFlightAtFirst: 4,
  /** The share of `attemptsInFlight` for all endpoints without a record together, and for all that fail or are slow. */
  unprovenPercent: 12,
  failingPercent: 12,
  /** The share reserved for each of these two groups when healthy endpoints would take everything. */
  reservedPercent: 3,
  /** An endpoint is slow while its answers take longer than this, on average or for the attempt under way. */
  slowAnswerMs: 2_000,
  /**
   * Failures in a row after which nothing is sent to an endpoint for a while; 0 for never. On a `dev` server the
   * default is 0.
   */
  breakerFailures: 8,
  /** How long that pause is the first time, and at most. It doubles each time. */
  breakerOpenMs: 10_000,
  breakerOpenLongestMs: 300_000,
  /** Endpoints that can be paused at once. Further failing ones get one delivery at a time. */
  endpointsHeld: 1_024,
  /** Idle endpoints whose record is kept. */
  endpointsRemembered: 16_384,
  /**
   * Attempts a second to any one endpoint; 0 for no limit. An endpoint's own lower limit takes precedence. Each server
   * that sends counts separately.
   */
  endpointRatePerSecond: 0,
  /** Largest rate limit of an endpoint. */
  endpointRateMostPerSecond: 10_000,
  /** The longest wait before a retry that a failed answer can request with `Retry-After`. */
  retryAfterLongestMs: 24 * 3_600_000,
  /** The longest pause of the whole endpoint that an answer with status 429 or 503 can request. */
  retryAfterHoldLongestMs: 300_000,
  /**
   * Deliveries held in memory, until they are settled: in all, for the endpoints of one account, and for one endpoint.
   */
  claimsHeld: 65_536,
  claimsHeldPerAccount: 32_768,
  claimsHeldPerEndpoint: 32_768,
  /** The bytes of their bodies. */
  claimsHeldBytes: 128 * 1_024 * 1_024,
  /** How far ahead of its time a delivery is claimed while the clock of a `dev` server is turned. */
  claimsAheadMs: 6 * 3_600_000,
  /**
   * Deliveries claimed in one go, in all and of one endpoint. An endpoint that already holds twice its share is
   * skipped.
   */
  claimsAtOnce: 1_024,
  claimsAtOncePerEndpoint: 256,
  /** The same for a failing endpoint. */
  claimsAtOncePerFailingEndpoint: 2,
  /** How long an outcome waits for others to share its commit while attempts are under way. */
  settleWithinMs: 20,
  /**
   * The same for attempts that are made ahead while the clock of a `dev` server is turned. Nobody waits for one of
   * them.
   */
  settleAheadWithinMs: 1_000,
  /**
   * Characters of answers that one commit of outcomes stores, and that may wait for a commit before no attempt begins.
   */
  settledAtOnceChars: 4 * 1_024 * 1_024,
  outcomesWaitingChars: 64 * 1_024 * 1_024,
  /**
   * Deliveries that clients publish while the clock of a `dev` server is turned, and that are sent during the turn; one
   * more for each time that the clock comes to. The others are sent at its end.
   */
  publishedPerTurn: 64,
  /** Longest sleep of the engine: the backstop for a missed wake-up. */
  engineIdleMs: 5_000,
  /**
   * After an unclean end the deliveries that were under way are sent again one at a time: how long each attempt may
   * take, and all of them together, while nothing else is sent. Each further unclean end in a row makes both four times
   * as long, the round `carefulRoundLongestMs` at most.
   */
  carefulAttemptMs: 2_000,
  carefulRoundMs: 10_000,
  /** The longest time for which such a round blocks everything else, however many ends there were. */
  carefulRoundLongestMs: 60_000,
  /** An unclean end this long after the last one, or after its round, starts a new row. */
  uncleanEndsApartMs: 15 * 60_000,
  /** How long a stopping server waits for clients that are slow to send or to read, and then for attempts under way. */
  drainMs: 10_000,
  /** From an endpoint's first failure until its owner is warned. Observed: two to three days. */
  endpointWarningMs: 3 * 24 * 3_600_000,
  /** From an endpoint's first failure until it is disabled. Observed: exactly 9 days. */
  endpointFailingMs: 9 * 24 * 3_600_000,
  /**
   * Characters of the log that wait for a reader who is behind, of all servers in a process together: the first one's
   * limit. Lines beyond that are lost, before they fill the memory.
   */
  logWaitingChars: 16 * 1_048_576,
  /** Attempts that wait to be reported to observers. Further ones are only counted. */
  activitiesWaiting: 10_000,
  /**
   * Lines a minute that `serve` logs about failed attempts, and as many about endpoints that start to fail or recover;
   * 0 for none.
   */
  failuresLoggedPerMinute: 60,
  /**
   * How long a rolled secret can keep signing beside the new one.
   * Source: https://docs.stripe.com/webhooks#roll-endpoint-secrets
   */
  secretOverlapMs: 24 * 3_600_000,
  /** Secrets of one endpoint that sign at the same time. Each adds to the signature of every delivery. */
  secretsPerEndpoint: 10,
} as const;

export type LimitName = keyof typeof DEFAULT_LIMITS;

/** Limits of numbers and sizes that may be 0: there is none of it then, or no limit. */
const MAY_BE_ZERO: ReadonlySet<string> = new Set([
  ...["activitiesWaiting", "apiConnectionsReserved", "breakerFailures", "databaseCallsWaiting", "databaseConnectionsKept"],
  ...["endpointsRemembered", "failingPercent", "idleConnections", "interimAnswers", "keyUsesRemembered", "metricsBacklogCounted"],
  ...["metricsResendJobs", "namesKept", "rateLimitsKept", "requestAnswerChars", "requestBurstPerAddress", "requestBurstPerKey"],
  ...["requestParametersChars", "requestsWaiting", "reservedPercent", "responseKeptBytes", "unprovenPercent", "waitingCounted"],
]);

/** The least value of a limit: 0 for times, for rates and for those above, otherwise 1, without which nothing works. */
export function leastOf(name: LimitName): 0 | 1 {
  return MAY_BE_ZERO.has(name) || /(?:Ms|PerSecond\w*|PerMinute)$/.test(name) ? 0 : 1;
}

/** A limit that does not go with another. */
export class InvalidLimit extends Error {
  override readonly name = "InvalidLimit";
  readonly limit: LimitName;

  constructor(limit: LimitName, message: string) {
    super(message);
    this.limit = limit;
  }
}

export type Limits = { readonly [Name in LimitName]: number };
