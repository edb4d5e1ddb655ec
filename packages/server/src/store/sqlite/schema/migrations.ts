/**
 * The schema, as the steps that lead to it. Never change a released step: append another. `PRAGMA user_version` is the
 * number of steps taken.
 *
 * Ids are text, made in order, so every index that ends in one is only appended to. The tables that each delivery
 * writes to have a number as key, refer to each other by it, use columns instead of JSON, and have few indexes. An
 * index that ends in a row's number is only appended to, too. Each byte of a delivery is written three times: to the
 * log when it is made, to the log when it is settled, and to the file.
 *
 * - `deliveries_due` has only pending deliveries, so it is as small as the backlog, and a claim reads one range of it.
 * - `lanes` has one row for each endpoint with something pending; see `lanes.ts`.
 * - an attempt's key is its delivery's number and its own (`withinDelivery`), so attempts need no index.
 * - `owners` gives each account and mode a number, which the lists of deliveries use.
 * - `constant_headers` holds the headers that all requests share; see `constant-headers.ts`.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT;

  CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    created INTEGER NOT NULL,
    api_version TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    data TEXT NOT NULL
  ) STRICT;

  CREATE TABLE applications (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
  ) STRICT;

  CREATE TABLE keys (
    hash TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    livemode INTEGER NOT NULL,
    kind TEXT NOT NULL,
    hint TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires_at INTEGER
  ) STRICT;
  CREATE INDEX keys_of_account ON keys (account_id);

  CREATE TABLE connections (
    platform_id TEXT NOT NULL,
    livemode INTEGER NOT NULL,
    account_id TEXT NOT NULL,
    created INTEGER NOT NULL,
    controller INTEGER NOT NULL,
    PRIMARY KEY (platform_id, livemode, account_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX connections_of_account ON connections (account_id, platform_id, livemode);

  CREATE TABLE endpoints (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    livemode INTEGER NOT NULL,
    connect INTEGER NOT NULL,
    url TEXT NOT NULL,
    enabled_events TEXT NOT NULL,
    api_version TEXT,
    description TEXT,
    metadata TEXT NOT NULL,
    status TEXT NOT NULL,
    disabled_reason TEXT,
    secrets TEXT NOT NULL,
    created INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    first_failure_at INTEGER,
    owner INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX endpoints_listed ON endpoints (account_id, livemode, id) WHERE deleted = 0;

  CREATE TABLE owners (
    n INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL,
    livemode INTEGER NOT NULL,
    UNIQUE (account_id, livemode)
  ) STRICT;

  CREATE TABLE objects (
    id TEXT PRIMARY KEY,
    object TEXT NOT NULL,
    account_id TEXT NOT NULL,
    livemode INTEGER NOT NULL,
    parent TEXT,
    created INTEGER NOT NULL,
    data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX objects_listed ON objects (account_id, livemode, object, id);
  CREATE INDEX objects_of_parent ON objects (account_id, livemode, object, parent, id) WHERE parent IS NOT NULL;

  CREATE TABLE events (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    livemode INTEGER NOT NULL,
    type TEXT NOT NULL,
    created INTEGER NOT NULL,
    object_id TEXT,
    application_id TEXT,
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX events_listed ON events (account_id, livemode);
  CREATE INDEX events_by_age ON events (created);

  CREATE TABLE event_variants (
    event INTEGER NOT NULL,
    variant TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (event, variant)
  ) STRICT;

  CREATE TABLE deliveries (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind INTEGER NOT NULL,
    event INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    owner INTEGER NOT NULL,
    variant TEXT,
    created INTEGER NOT NULL,
    state INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    lease INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    settled_at INTEGER
  ) STRICT;
  CREATE INDEX deliveries_due ON deliveries (endpoint, due_at) WHERE state = 0;
  CREATE INDEX deliveries_of_event ON deliveries (event);
  CREATE INDEX deliveries_listed ON deliveries (owner);
  CREATE INDEX deliveries_given_up ON deliveries (owner, state) WHERE state >= 2;

  CREATE TABLE lanes (
    endpoint_id TEXT PRIMARY KEY,
    due_at INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    leased_until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX lanes_due ON lanes (due_at, turn);

  CREATE TABLE constant_headers (n INTEGER PRIMARY KEY, headers TEXT NOT NULL UNIQUE) STRICT;

  CREATE TABLE attempts (
    key INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER,
    reason TEXT NOT NULL,
    request_headers TEXT NOT NULL,
    constant_headers INTEGER,
    response_headers TEXT NOT NULL,
    response_body TEXT NOT NULL
  ) STRICT;

  CREATE TABLE idempotent_answers (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    request_id TEXT NOT NULL,
    created INTEGER NOT NULL,
    UNIQUE (scope, key)
  ) STRICT;
  CREATE INDEX idempotent_answers_by_age ON idempotent_answers (created);

  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE tasks (
    n INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL,
    livemode INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    UNIQUE (account_id, livemode, kind, subject)
  ) STRICT;
  CREATE INDEX tasks_due ON tasks (due_at);
  `,
  // An application for each mode: the existing one becomes the live one.
  `
  ALTER TABLE applications RENAME TO applications_of_both_modes;
  CREATE TABLE applications (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    livemode INTEGER NOT NULL,
    name TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    UNIQUE (account_id, livemode)
  ) STRICT;
  INSERT INTO applications SELECT id, account_id, 1, name, '[]' FROM applications_of_both_modes;
  INSERT INTO applications SELECT 'ca_' || lower(hex(randomblob(16))), account_id, 0, name, '[]' FROM applications_of_both_modes;
  UPDATE events SET application_id = (
    SELECT test.id FROM applications test JOIN applications live ON live.account_id = test.account_id
    WHERE live.id = events.application_id AND test.livemode = 0
  ) WHERE application_id IS NOT NULL AND livemode = 0;
  DROP TABLE applications_of_both_modes;

  ALTER TABLE connections ADD COLUMN scope TEXT NOT NULL DEFAULT 'read_write';

  ALTER TABLE keys ADD COLUMN platform_id TEXT;
  ALTER TABLE keys ADD COLUMN connection_livemode INTEGER;
  ALTER TABLE keys ADD COLUMN scope TEXT;
  `,
  // Which platform made an endpoint while acting for an account. Earlier ones count as the account's own.
  `
  ALTER TABLE endpoints ADD COLUMN made_by TEXT;
  `,
  // The last notice to an owner about an endpoint's failures. The failures have a separate table, because they change
  // with every failed attempt, and nearly every request reads endpoints.
  `
  ALTER TABLE endpoints ADD COLUMN told_of TEXT;
  CREATE TABLE endpoint_failures (
    endpoint_id TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER,
    reason TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // What was under way when a server ended uncleanly: the ends of each delivery, and the suspects that wait for a
  // careful round.
  `
  CREATE TABLE unclean_ends (delivery INTEGER NOT NULL, at INTEGER NOT NULL, under_way INTEGER NOT NULL) STRICT;
  CREATE INDEX unclean_ends_of_delivery ON unclean_ends (delivery);
  CREATE TABLE suspects (delivery INTEGER PRIMARY KEY, alone INTEGER NOT NULL, ends INTEGER NOT NULL) STRICT;
  `,
  // Secrets are sealed from here on (`stored-secrets.ts` seals existing ones): the previous version cannot read them.
  "-- sealed secrets",
  // The rate limit of an endpoint, and how long a failed answer asked to wait.
  `
  ALTER TABLE endpoints ADD COLUMN rate_limit INTEGER;
  ALTER TABLE attempts ADD COLUMN retry_after_ms INTEGER;
  `,
  // Answered requests, and listening sessions of the official CLI.
  `
  CREATE TABLE requests (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    caller_id TEXT NOT NULL,
    livemode INTEGER NOT NULL,
    account_id TEXT NOT NULL,
    key_hint TEXT,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    status INTEGER NOT NULL,
    duration_ms REAL NOT NULL,
    idempotency_key TEXT,
    replay_of TEXT,
    error_name TEXT,
    error_code TEXT,
    error TEXT,
    params TEXT
  ) STRICT;
  CREATE INDEX requests_listed ON requests (caller_id, livemode);

  CREATE TABLE listen_sessions (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    livemode INTEGER NOT NULL,
    feature TEXT NOT NULL,
    endpoint_id TEXT,
    created INTEGER NOT NULL,
    opened INTEGER NOT NULL,
    connected INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    forwards TEXT NOT NULL,
    filter TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX listen_sessions_of_account ON listen_sessions (account_id, livemode, created);
  CREATE INDEX listen_sessions_by_end ON listen_sessions (expires_at);
  `,
  // When keys were last used, in a separate table: a change to `keys` would empty the cache that nearly every request
  // reads. The step also adds what operators and platforms did.
  `
  CREATE TABLE key_uses (hash TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE audit (
    n INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    act TEXT NOT NULL,
    account_id TEXT,
    subject TEXT NOT NULL,
    by TEXT NOT NULL,
    detail TEXT NOT NULL
  ) STRICT;
  `,
  // The key that asked for a listening session. The session ends with that key.
  `ALTER TABLE listen_sessions ADD COLUMN key_hash TEXT;`,
  // What a restricted key may do, as JSON.
  `ALTER TABLE keys ADD COLUMN permissions TEXT;`,
  // How the last attempt of a delivery ended, and indexes for the filters of lists. Of earlier deliveries only those
  // that have not succeeded know their last status.
  `
  ALTER TABLE deliveries ADD COLUMN last_outcome INTEGER;
  UPDATE deliveries SET last_outcome = (SELECT status FROM attempts WHERE key = deliveries.n * 65536 + deliveries.attempts)
    WHERE state <> 1 AND attempts > 0;
  CREATE INDEX deliveries_of_endpoint ON deliveries (endpoint);
  CREATE INDEX deliveries_failed ON deliveries (owner, last_outcome) WHERE last_outcome >= 300;
  CREATE INDEX events_of_type ON events (type);
  CREATE INDEX endpoints_of_owner ON endpoints (owner);
  `,
  // The sessions of people who have signed in to the dashboard.
  `
  CREATE TABLE dashboard_sessions (
    hash TEXT PRIMARY KEY,
    test_key TEXT,
    live_key TEXT,
    operator_key TEXT,
    created INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // Operators, and where acts came from.
  `
  CREATE TABLE operators (
    hash TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    hint TEXT NOT NULL,
    read_only INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER
  ) STRICT, WITHOUT ROWID;
  ALTER TABLE audit ADD COLUMN origin TEXT;
  `,
  // Event destinations of the v2 API: endpoints for thin events, with a name. If it is null, `own` is the opposite of
  // `connect`, and `updated` is `created`.
  `
  ALTER TABLE endpoints ADD COLUMN own INTEGER;
  ALTER TABLE endpoints ADD COLUMN payload TEXT NOT NULL DEFAULT 'snapshot';
  ALTER TABLE endpoints ADD COLUMN name TEXT;
  ALTER TABLE endpoints ADD COLUMN updated INTEGER;
  `,
  // How long the parts of an attempt took. For earlier attempts this is unknown.
  `ALTER TABLE attempts ADD COLUMN phases TEXT;`,
  // When an endpoint's pause began.
  `
  ALTER TABLE endpoints ADD COLUMN paused_at INTEGER;
  CREATE INDEX endpoints_paused ON endpoints (id) WHERE paused_at IS NOT NULL;
  `,
  // The list of thin events, which may be few among many whole ones. The condition is that of `events-page.ts`.
  `CREATE INDEX events_thin ON events (account_id, livemode) WHERE type GLOB 'v[12].*';`,
  // What a request asked for: its path with ids, where that is not the route's pattern (`path`); on a `dev` server also
  // its query and the answer.
  `
  ALTER TABLE requests ADD COLUMN full_path TEXT;
  ALTER TABLE requests ADD COLUMN query TEXT;
  ALTER TABLE requests ADD COLUMN answer TEXT;
  `,
  // How far each sweep of deliveries has got, by their numbers.
  `CREATE TABLE sweeps (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;`,
  // Platforms' own settings. 0 means never; null means that the server's limits apply.
  `
  CREATE TABLE platform_settings (
    account_id TEXT PRIMARY KEY,
    events_kept_ms INTEGER,
    endpoint_warning_ms INTEGER,
    endpoint_failing_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  `,
  // The list of a platform's closed accounts, and whether it has any.
  `CREATE INDEX accounts_closed ON accounts (json_extract(data, '$.createdBy'), id) WHERE deleted = 1;`,
  // An account's events of a type or of an object, in their order. Without these, one list could read all events there
  // are.
  `
  CREATE INDEX events_of_account_type ON events (account_id, livemode, type);
  CREATE INDEX events_of_object ON events (object_id, account_id, livemode) WHERE object_id IS NOT NULL;
  `,
  // The events of deliveries that ended without success, which are few among all. The condition is that of
  // `events-page.ts`.
  "CREATE INDEX deliveries_unanswered ON deliveries (event) WHERE state IN (2, 4);",
  // Events that belong to one application alone. With the index, a platform with few events need not search for them
  // among all.
  `CREATE INDEX events_of_application ON events (application_id) WHERE application_id IS NOT NULL;`,
  // The account whose data a stored answer shows: the answer is deleted with the account.
  `ALTER TABLE idempotent_answers ADD COLUMN about TEXT;`,
  // Searches of the request log: failed requests, which are few among all, and the beginning of a path. The conditions
  // and expressions are those of `request-rows.ts`.
  `
  CREATE INDEX requests_failed ON requests (caller_id, livemode, status) WHERE status >= 400 OR error_name IS NOT NULL;
  CREATE INDEX requests_of_path ON requests (caller_id, livemode, substr(coalesce(full_path, path), 1, 200));
  `,
  // Lists of deliveries by outcome: failed ones with their events, and those made later than their events. The
  // conditions are those of `deliveries-page.ts` and `newest-of-events.ts`.
  `
  CREATE INDEX deliveries_failed_of_event ON deliveries (owner, event, last_outcome) WHERE last_outcome >= 300;
  CREATE INDEX deliveries_later ON deliveries (owner, event) WHERE kind <> 0;
  `,
  // Events whose time is long before their arrival, with the time of arrival; and the number from which on these are
  // recorded. All others are numbered in the order of their times, so that lists by time need not read those outside:
  // see `event-times.ts`.
  `
  CREATE TABLE late_events (n INTEGER PRIMARY KEY, created INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
  CREATE INDEX late_events_by_age ON late_events (created);
  CREATE TABLE late_events_known (n INTEGER NOT NULL) STRICT;
  INSERT INTO late_events_known SELECT coalesce(max(n), 0) + 1 FROM events;
  `,
  // Fields by which a call finds one object among many while everyone else waits for its commit. The conditions and
  // expressions are those of `object-index.ts`.
  `
  CREATE INDEX objects_by_by_code ON objects (account_id, livemode, object, data -> '$.by_code', id) WHERE object IN ('promotion_code');
  CREATE INDEX objects_by_customer ON objects (account_id, livemode, object, data -> '$.customer', id) WHERE object IN ('payment_intent');
  CREATE INDEX objects_by_domain_name ON objects (account_id, livemode, object, data -> '$.domain_name', id)
    WHERE object IN ('payment_method_domain');
  CREATE INDEX objects_by_id ON objects (account_id, livemode, object, data -> '$.id', id) WHERE object IN ('coupon', 'price', 'product');
  CREATE INDEX objects_by_lookup_key ON objects (account_id, livemode, object, data -> '$.lookup_key', id) WHERE object IN ('price');
  CREATE INDEX objects_by_product ON objects (account_id, livemode, object, data -> '$.product', id) WHERE object IN ('price');
  `,
  // For a delivery that ended without success, the account of its event. So the list of an account's events that were
  // not received need not examine the events of all accounts. The condition is that of `events-page.ts`.
  `
  ALTER TABLE deliveries ADD COLUMN unanswered_account TEXT;
  UPDATE deliveries SET unanswered_account = (SELECT account_id FROM events e WHERE e.n = deliveries.event) WHERE state IN (2, 4);
  CREATE INDEX deliveries_unanswered_of_account ON deliveries (unanswered_account, event) WHERE unanswered_account IS NOT NULL;
  `,
  // For a list of more than two kinds, SQLite makes a temporary table whenever an object is inserted, whatever its
  // kind. The condition is that of `object-index.ts`.
  `
  DROP INDEX objects_by_id;
  CREATE INDEX objects_by_id ON objects (account_id, livemode, object, data -> '$.id', id)
    WHERE object = 'coupon' OR object = 'price' OR object = 'product';
  `,
  // The events of an object, in stretches of their numbers: see `events-of-object.ts`, which has the same expressions.
  // In an index by object alone, each event changed a different page.
  `
  DROP INDEX events_of_object;
  CREATE INDEX events_of_object ON events (n >> 14, substr(object_id, -8)) WHERE substr(object_id, -8) IS NOT NULL;
  `,
  // Until when, and why, the server that last tried an endpoint sends nothing to it.
  `
  ALTER TABLE endpoint_failures ADD COLUMN held_until INTEGER;
  ALTER TABLE endpoint_failures ADD COLUMN held_by TEXT;
  `,
  // Searches of the audit log, which is kept for ever.
  `
  CREATE INDEX audit_of_account ON audit (account_id);
  CREATE INDEX audit_of_act ON audit (act);
  CREATE INDEX audit_of_subject ON audit (subject);
  CREATE INDEX audit_by ON audit (by);
  CREATE INDEX audit_at ON audit (at);
  `,
  // Accounts that were erased. Each has its erasure while that still searches the requests and answers of others, once
  // for all its accounts.
  `
  CREATE TABLE erased_accounts (account_id TEXT PRIMARY KEY, erasure TEXT, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX erased_accounts_sought ON erased_accounts (erasure) WHERE erasure IS NOT NULL;
  CREATE INDEX erased_accounts_by_age ON erased_accounts (at);
  `,
  // When a request was answered by the machine's clock, if the server's clock is turned: retention uses it.
  `ALTER TABLE requests ADD COLUMN machine_at INTEGER;`,
];

/**
 * The steps that cannot be undone, by their numbers from 1: they drop or rewrite what an earlier version reads. A file
 * is copied before them. A step that only adds tables, columns or indexes can be undone.
 */
export const IRREVERSIBLE_STEPS: readonly number[] = [3, 7];
