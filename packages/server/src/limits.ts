/** Every limit of the server. The name gives the unit, the value is the default. `docs/configuration.md` lists them. */
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
  /** How deep a JSON body may nest: it may contain whole objects, which nest deeper than parameters. */
  jsonDepth: 32,
  /** How many values a form or a query string may contain. */
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
  /** Requests that may wait on a connection until earlier ones are answered. A connection with more is closed. */
  requestsPipelined: 16,
  /** How long a client may pause while it reads an answer. */
  answerTimeoutMs: 30_000,
  /**
   * How long a page that could not be shown waits before it reloads: about as long as a server takes to restart.
   */
  failedPageReloadMs: 3_000,
  /** Connections to the API at once. */
  apiConnections: 4_096,
  /** Of these, connections from one address, or one /64 of IPv6. Trusted proxies may have more. */
  apiConnectionsPerAddress: 512,
  /** Of these, connections reserved for addresses without an open connection: probes and new clients. */
  apiConnectionsReserved: 64,
  /** The shortest time between two log lines about connections that were closed because there were too many. */
  crowdToldMs: 10_000,
  /** How long a probe waits for the store before it answers that the server is not ready. */
  probeMs: 800,
  /** How long deliveries and scheduled work may be overdue before `/health` reports them. */
  healthDueMs: 5 * 60_000,
  /** The shortest time between two such checks for `/health`. */
  healthLookMs: 10_000,
  /** The shortest time between two log lines with the same reason why the store cannot be reached. */
  troubleToldMs: 10_000,
  /** The shortest time between two checks for changes in the certificate's files, which new connections trigger. */
  certificateCheckedMs: 1_000,
  /** Simultaneous connections to the address that serves metrics. */
  metricsConnections: 16,
  /** The most due deliveries that are counted each time metrics are requested. */
  metricsBacklogCounted: 100_000,
  /** The most resend jobs that are read each time metrics are requested. */
  metricsResendJobs: 1_000,
  /**
   * Requests a second with one key, sustained and in a burst; 0 a second means no limit. All unknown keys from one
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
  /** The least difference between the machine's time and the server's clock for which the request log shows both. */
  requestClocksApartMs: 1_000,
  /**
   * How many requests may wait to be written, and how long each waits for others to share its commit. Requests beyond
   * that are only counted.
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
   * A key that ends at once ends this much before the time of the server that ends it, so that no other server accepts
   * it any longer.
   */
  clocksApartMs: 250,
  /** How often a server on an SQLite file compares its time with the machine's. */
  clockLookedMs: 10_000,
  /** How far the server's time must be ahead of the machine's for a warning in the log. */
  clockAheadMs: 60_000,
  /** Longest single advance of a turned clock: ten years. */
  clockAdvanceSeconds: 10 * 366 * 24 * 3_600,
  /** How long a session of the dashboard lasts after it was last used, and at most. */
  dashboardIdleMs: 30 * 60_000,
  dashboardSessionMs: 12 * 3_600_000,
  /**
   * The shortest time between two records of a session's use; a quarter of the session's lifetime where that is less.
   */
  dashboardUseNotedMs: 60_000,
  /** Sign-ins from one address, at once and in a minute. */
  dashboardSignInsPerMinute: 10,
  /** Deliveries that an endpoint's figures are computed from: the newest. */
  figuresDeliveries: 5_000,
  /** Deliveries of each endpoint that the figures in a list of endpoints are computed from: the newest of a day. */
  figuresListedDeliveries: 300,
  /**
   * The newest deliveries that were given up. The count of deliveries that were not received since then is taken from
   * these.
   */
  givenUpCounted: 1_000,
  /** The newest events of an account that its figures are computed from. */
  figuresAccountEvents: 500,
  /** The newest events of an account about its connections, which are searched for connections that have ended. */
  connectionEvents: 2_000,
  /** The most deliveries that are counted of those that wait for an endpoint. */
  figuresPending: 10_000,
  /**
   * The newest deliveries from which the current sending rate is computed: at most this many, and of at most this time.
   */
  throughputDeliveries: 5_000,
  throughputMs: 60_000,
  /** How often a page that follows what happens is sent changes. */
  liveEveryMs: 1_000,
  /** How far back before the last look for changes the next one starts, so that it finds what was committed late. */
  liveOverlapMs: 3_000,
  /** Changes of each kind that it is sent at once. When there are more, it loads the list again. */
  liveItems: 50,
  /** Pages that follow at once: in all, and for one account in one mode. */
  liveStreams: 256,
  liveStreamsPerAccount: 16,
  /** Bytes that may wait for a page that reads slowly. The server sends it nothing more until it has read them. */
  liveBufferBytes: 262_144,
  /** How long its stream may be silent, so that proxies keep it open, and the page knows that it is open. */
  liveHeartbeatMs: 15_000,
  /** How often the key or session of such a page is checked again. */
  liveCheckedMs: 5_000,
  /** How long such a page waits before it reconnects. */
  liveRetryMs: 2_000,
  /** The shortest time between two records of a key's use. */
  keyUseNotedMs: 3_600_000,
  /** Keys for which a server remembers when it last recorded a use. */
  keyUsesRemembered: 10_000,
  /** Objects in a list answer: at most, and by default. Source: https://docs.stripe.com/api/pagination */
  listItems: 100,
  listItemsDefault: 10,
  /** Objects that one search looks at. When these do not fill the answer's limit, the answer says where to continue. */
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
   * How long an enabled account may lack something that it had submitted before.
   * Source: https://docs.stripe.com/connect/update-verified-information
   */
  requirementGraceMs: 14 * 24 * 3_600_000,
  /** Accounts that one call examines when it filters by configurations. The rest follow on the next page. */
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
   * How long an account link or a login link can be opened. Source: https://docs.stripe.com/api/account_links/object
   */
  pageLinkMs: 5 * 60_000,
  /** How long the link is remembered, so that a user who opens it late is sent back. */
  pageLinkKeptMs: 30 * 24 * 3_600_000,
  /** How long the pages behind it stay open to the browser that opened it. */
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
  /** How much of a part's head is read. Headers beyond that are ignored. */
  uploadHeaderBytes: 8_192,
  /**
   * A document that proves an identity or a company. Source: https://docs.stripe.com/connect/handling-api-verification
   */
  documentFileBytes: 10 * 1_024 * 1_024,
  /** Largest width and height of an image. Same source. */
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
  /** The longest time for which a platform can keep its own events; never less than `eventsKeptMs`. */
  eventsKeptLongestMs: 30 * 24 * 3_600_000,
  /**
   * How long the attempts of a delivery that has ended are kept, counted from when the delivery was made; never longer
   * than its event.
   */
  attemptsKeptMs: 30 * 24 * 3_600_000,
  /** How long the head and the body of an answer are kept with its attempt; never longer than the attempt. */
  attemptBodiesKeptMs: 30 * 24 * 3_600_000,
  /** How long an entry of the audit log is kept; 0 for always. */
  auditKeptMs: 0,
  /**
   * The shortest time that a platform can set: for keeping its events, and before a failing endpoint is warned of or
   * disabled.
   */
  platformSettingShortestMs: 3_600_000,
  /** The longest time that a platform can set before a failing endpoint is warned of or disabled. */
  endpointRuleLongestMs: 366 * 24 * 3_600_000,
  /** How often the server looks for old rows. */
  sweepEveryMs: 10 * 60_000,
  /**
   * Old rows of each kind that are deleted in one commit, and the least time that the sweep rests after it, so that
   * requests and deliveries continue.
   */
  sweptAtOnce: 500,
  sweepRestMs: 5,
  /** The share of the time that a sweep spends on its commits. For the rest it pauses. */
  sweepPercent: 10,
  /** The most that this share grows to while sweeps do not keep up. */
  sweepLatePercent: 50,
  /**
   * After an interrupted erasure: how long a server waits before it checks again whether files can be purged.
   */
  purgeRetryMs: 1_000,

  /** Pending deliveries that are counted to show what pausing, resuming, disabling or enabling an endpoint does. */
  waitingCounted: 100_000,
  /**
   * Deliveries a second that a resend job makes by default; and the highest rate that can be set.
   */
  resendsPerSecond: 500,
  resendsMostPerSecond: 10_000,
  /** The most deliveries that one step of a resend job makes, in one commit. */
  resendsAtOnce: 200,
  /** Deliveries that one step of a dry run examines. */
  resendLookedAtOnce: 2_000,
  /** Events that a resend job has in memory at a time. One may be as large as a request. */
  resendEventsHeld: 32,
  /** Resend jobs of one account that run at the same time, in one mode. */
  resendJobsRunning: 10,

  // Sessions of the official CLI that listen
  /** Sessions of one account in one mode. A session whose client has gone makes room for another. */
  listenSessionsPerAccount: 16,
  /** How long a session waits for its socket to be opened, and for its client to come back. */
  listenDialMs: 60_000,
  listenAwayMs: 5 * 60_000,
  /** The longest life of a session. The client then opens another. */
  listenSessionMs: 7 * 24 * 3_600_000,
  /** How often the client opens another socket to replace the current one. */
  listenRedialMs: 60_000,
  /** How long the client may send nothing. It sends a ping every two seconds. */
  listenSilenceMs: 15_000,
  /** How long the client may take to acknowledge an event. */
  listenAckMs: 30_000,
  /** How long a local server's answer may take after the event was acknowledged. The client waits 30 s for it. */
  listenAnswerMs: 35_000,
  /**
   * How often the server checks these times, ends expired sessions, and tries again after the store was unavailable.
   */
  listenTickMs: 1_000,
  listenSweepMs: 10_000,
  listenTroublePauseMs: 250,
  /** Events of one session that may await their acknowledgement, and that may await an answer. */
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
  /** The largest payout, in a currency's smallest unit: it may be the sum of many payments. */
  payoutAmountUnits: 999_999_999_999,
  /**
   * The largest instant payout to a bank account, in cents of US dollars.
   * Source: https://docs.stripe.com/payouts/instant-payouts
   */
  instantPayoutUsdCents: 999_900,
  /** Payment methods of one customer, sources included. */
  paymentMethodsPerCustomer: 500,
  /**
   * How long a dispute can be answered, in addition to the rest of that day. Observed in test mode: until the end of
   * the ninth day.
   */
  disputeResponseMs: 8 * 24 * 3_600_000,
  /**
   * How long a bank takes, in test mode, to decide on evidence whose text states the result. Observed there: about 5
   * seconds.
   */
  disputeReviewMs: 5_000,
  /** The total characters of a dispute's evidence. Source: https://docs.stripe.com/api/disputes/update */
  disputeEvidenceChars: 150_000,
  /** How long a top-up takes in live mode. Until then it can be canceled. */
  topupArrivalMs: 3 * 24 * 3_600_000,
  /** How long a top-up takes in test mode. */
  testTopupArrivalMs: 30_000,

  // Store
  /** How long pieces of work on an SQLite file run one after another before probes and other clients get their turn. */
  fileGroupMs: 20,
  /** Connections to a PostgreSQL database. */
  databaseConnections: 10,
  /** Of these, connections that stay open when idle: the first call on a new one takes longer. */
  databaseConnectionsKept: 4,
  /**
   * Calls that may wait for a connection. Calls beyond that are refused at once. So is a call of a client that already
   * has as many waiting as there are places left.
   */
  databaseCallsWaiting: 1_000,
  /** How long to wait for a connection. */
  databaseConnectMs: 2_000,
  /** How long to wait for a PostgreSQL database to answer. A database that takes longer counts as gone. */
  databaseAnswerMs: 5_000,
  /** How long a closing connection waits for the other side to close it. */
  databaseEndMs: 1_000,
  /**
   * How long a period of events goes into one partition of a PostgreSQL database. Old events are dropped a partition at
   * a time.
   */
  partitionMs: 7 * 24 * 3_600_000,
  /** How long dropping a partition may block others. If that is not enough, the drop is retried later. */
  partitionWaitMs: 500,
  /** How often a server that shares its database reports that it is alive, and reads the database's time. */
  nodeBeatMs: 2_000,
  /** A server that has not reported for this long counts as gone: its leased work is due again. */
  nodeGoneMs: 10_000,

  // Tasks
  /** Due tasks that are done in one commit. */
  tasksAtOnce: 100,
  /** How long to wait before asking an unreachable store for tasks again. */
  tasksTroublePauseMs: 250,

  // Deliveries
  /** From the start of an attempt to the end of the answer's head. */
  attemptDeadlineMs: 30_000,
  /** To connect, including TLS; part of the deadline. */
  attemptConnectMs: 5_000,
  /**
   * Work of the thread that sends, from which on the refusal of a receiver's certificate counts for further attempts to
   * it: for fifty times as long, but no longer than the second limit. What is cheap to check is checked each time.
   */
  tlsRefusalCostlyMs: 50,
  tlsRefusalKeptMs: 60_000,
  /** How much of an answer is read before the connection is closed. */
  responseReadBytes: 65_536,
  /** How much of an answer's body is kept with the attempt. */
  responseKeptBytes: 4_096,
  /** How long the body of an answer may take after its head. */
  responseBodyMs: 2_000,
  /**
   * Bodies that are being read at once: in all, and from one endpoint. Of further answers only the part that arrived
   * with the head is kept.
   */
  responseBodies: 512,
  responseBodiesPerEndpoint: 16,
  /** Largest head of an answer, and of all interim answers before it together. */
  responseHeaderBytes: 16_384,
  /** Interim answers (1xx) before the answer itself. */
  interimAnswers: 16,
  /** Connections kept open for the next delivery, in all. */
  idleConnections: 512,
  /** How long each is kept. Many servers close it after 5 s; a request that is on its way at that moment is lost. */
  idleConnectionMs: 4_000,
  /**
   * The longest time, even when a receiver asks for more. During this time the receiver's name is not looked up again.
   */
  idleConnectionLongestMs: 30_000,
  /** How long a name server may take to answer each query. */
  nameQueryMs: 1_500,
  /** How many times each name server is asked. */
  nameQueryTries: 2,
  /** How long a lookup of a name's addresses may take in all; part of the time to connect. */
  nameLookupMs: 4_500,
  /** How long addresses of one family wait for those of the other. */
  nameSecondFamilyMs: 250,
  /** Names whose addresses are remembered. */
  namesKept: 4_096,
  /** The longest time for which the addresses of a name are remembered; less if its DNS records say so. */
  nameKeptMs: 60_000,
  /** How long a failed lookup is remembered: the name was not found, or no server answered. */
  nameFailureKeptMs: 2_000,
  /** How much of `/etc/hosts` and `/etc/resolv.conf` is read. */
  nameFileBytes: 1_048_576,
  /** How long a claim belongs to one engine. Must exceed the deadline. */
  leaseMs: 90_000,
  /**
   * Simultaneous attempts: in all, for the endpoints of one account, and for one endpoint. An attempt counts until its
   * outcome is known. Slow attempts beyond their share do not count, up to the same number again.
   */
  attemptsInFlight: 512,
  attemptsInFlightPerAccount: 256,
  attemptsInFlightPerEndpoint: 32,
  /**
   * The first allowance of an endpoint without a record on this server. Each success doubles it, each failure halves
   * it.
   */
  attemptsInFlightAtFirst: 4,
  /** The share of `attemptsInFlight` for all endpoints without a record together, and for all that fail or are slow. */
  unprovenPercent: 12,
  failingPercent: 12,
  /** The share reserved for each of these two groups when healthy endpoints would take everything. */
  reservedPercent: 3,
  /** An endpoint is slow while its answers take longer than this, on average or for the attempt under way. */
  slowAnswerMs: 2_000,
  /**
   * Failures in a row after which sending to an endpoint pauses; 0 means never. On a `dev` server the default is 0.
   */
  breakerFailures: 8,
  /** The length of the first pause, and the longest. It doubles each time. */
  breakerOpenMs: 10_000,
  breakerOpenLongestMs: 300_000,
  /** Endpoints that can be paused at once. Other failing endpoints get one delivery at a time. */
  endpointsHeld: 1_024,
  /** Idle endpoints whose record is kept. */
  endpointsRemembered: 16_384,
  /**
   * Attempts a second to any one endpoint; 0 means no limit. An endpoint's own lower limit takes precedence. Each
   * server that sends counts separately.
   */
  endpointRatePerSecond: 0,
  /** The highest rate limit that an endpoint can have. */
  endpointRateMostPerSecond: 10_000,
  /** The longest wait before a retry that a failed answer can request with `Retry-After`. */
  retryAfterLongestMs: 24 * 3_600_000,
  /** The longest pause of the whole endpoint that an answer with status 429 or 503 can request. */
  retryAfterHoldLongestMs: 300_000,
  /**
   * Deliveries in memory until they are settled: in all, for the endpoints of one account, and for one endpoint.
   */
  claimsHeld: 65_536,
  claimsHeldPerAccount: 32_768,
  claimsHeldPerEndpoint: 32_768,
  /** The bytes of their bodies. */
  claimsHeldBytes: 128 * 1_024 * 1_024,
  /** How far ahead of its time a delivery is claimed while the clock of a `dev` server is turned. */
  claimsAheadMs: 6 * 3_600_000,
  /**
   * Deliveries claimed in one batch: in all, and for one endpoint. An endpoint that already has twice its share in
   * memory is skipped.
   */
  claimsAtOnce: 1_024,
  claimsAtOncePerEndpoint: 256,
  /** The same for a failing endpoint. */
  claimsAtOncePerFailingEndpoint: 2,
  /** How long an outcome waits, while attempts are under way, for others to share its commit. */
  settleWithinMs: 20,
  /**
   * The same for attempts that are made ahead of their time while the clock of a `dev` server is turned. Nobody waits
   * for these.
   */
  settleAheadWithinMs: 1_000,
  /**
   * Characters of answers that one commit of outcomes stores, and the most that may wait for a commit while new
   * attempts still begin.
   */
  settledAtOnceChars: 4 * 1_024 * 1_024,
  outcomesWaitingChars: 64 * 1_024 * 1_024,
  /**
   * Deliveries that clients publish while the clock of a `dev` server is turned, and that are sent during the turn; one
   * more for each time that the clock reaches. The rest are sent at the end of the turn.
   */
  publishedPerTurn: 64,
  /** The longest sleep of the engine: the backstop for a missed wake-up. */
  engineIdleMs: 5_000,
  /**
   * After an unclean end, the deliveries that were under way are sent again one at a time, in a careful round, and
   * nothing else is sent. These are the time for each attempt and for the whole round. Each further unclean end in a
   * row makes both four times as long, up to `carefulRoundLongestMs` for the round.
   */
  carefulAttemptMs: 2_000,
  carefulRoundMs: 10_000,
  /** The longest time for which such a round blocks everything else, after any number of unclean ends. */
  carefulRoundLongestMs: 60_000,
  /** An unclean end that comes this long after the last one, or after its round, starts a new count. */
  uncleanEndsApartMs: 15 * 60_000,
  /** How long a stopping server waits for clients that are slow to send or to read, and then for attempts under way. */
  drainMs: 10_000,
  /** From an endpoint's first failure until its owner is warned. Observed: two to three days. */
  endpointWarningMs: 3 * 24 * 3_600_000,
  /** From an endpoint's first failure until it is disabled. Observed: exactly 9 days. */
  endpointFailingMs: 9 * 24 * 3_600_000,
  /**
   * Characters of the log that may wait for a slow reader, for all servers of a process together; the first server's
   * limit applies. Lines beyond that are dropped, so that they do not fill the memory.
   */
  logWaitingChars: 16 * 1_048_576,
  /** Attempts that wait to be reported to observers. Attempts beyond that are only counted. */
  activitiesWaiting: 10_000,
  /**
   * Lines a minute that `serve` logs about failed attempts, and the same number about endpoints that start to fail or
   * recover; 0 means none.
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

/** Limits of numbers and sizes that may be 0, which allows nothing or means no limit. */
const MAY_BE_ZERO: ReadonlySet<string> = new Set([
  ...["activitiesWaiting", "apiConnectionsReserved", "breakerFailures", "databaseCallsWaiting", "databaseConnectionsKept"],
  ...["endpointsRemembered", "failingPercent", "idleConnections", "interimAnswers", "keyUsesRemembered", "metricsBacklogCounted"],
  ...["metricsResendJobs", "namesKept", "rateLimitsKept", "requestAnswerChars", "requestBurstPerAddress", "requestBurstPerKey"],
  ...["requestParametersChars", "requestsWaiting", "reservedPercent", "responseKeptBytes", "unprovenPercent", "waitingCounted"],
]);

/**
 * The least value of a limit: 0 for times, for rates and for the limits above. For others it is 1, because nothing
 * works with 0.
 */
export function leastOf(name: LimitName): 0 | 1 {
  return MAY_BE_ZERO.has(name) || /(?:Ms|PerSecond\w*|PerMinute)$/.test(name) ? 0 : 1;
}

/** Two limits that contradict each other. */
export class InvalidLimit extends Error {
  override readonly name = "InvalidLimit";
  readonly limit: LimitName;

  constructor(limit: LimitName, message: string) {
    super(message);
    this.limit = limit;
  }
}

export type Limits = { readonly [Name in LimitName]: number };
