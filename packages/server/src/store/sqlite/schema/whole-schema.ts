/**
 * The result of the first steps of `migrations.ts` on an empty database, in one go: steps that change what earlier ones
 * made take four times as long, and a development server makes a database at each start. Later steps follow it. This
 * file may be brought up to date with them, but need not be: `whole-schema.test.ts` compares the two ways. The indexes
 * of a table are in the order of the steps, because SQLite uses that order to decide between two equally good indexes.
 */
export const WHOLE_SCHEMA = {
  /** How many steps it replaces. */
  steps: 34,
  sql: `
  CREATE TABLE migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT;
  CREATE TABLE accounts (
    id TEXT PRIMARY KEY, created INTEGER NOT NULL, api_version TEXT NOT NULL, deleted INTEGER NOT NULL,
    data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX accounts_closed ON accounts (json_extract(data, '$.createdBy'), id) WHERE deleted = 1;
  CREATE TABLE keys (
    hash TEXT PRIMARY KEY, account_id TEXT NOT NULL, livemode INTEGER NOT NULL, kind TEXT NOT NULL,
    hint TEXT NOT NULL, created INTEGER NOT NULL, expires_at INTEGER, platform_id TEXT,
    connection_livemode INTEGER, scope TEXT, permissions TEXT
  ) STRICT;
  CREATE INDEX keys_of_account ON keys (account_id);
  CREATE TABLE connections (
    platform_id TEXT NOT NULL, livemode INTEGER NOT NULL, account_id TEXT NOT NULL, created INTEGER NOT NULL,
    controller INTEGER NOT NULL, scope TEXT NOT NULL DEFAULT 'read_write',
    PRIMARY KEY (platform_id, livemode, account_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX connections_of_account ON connections (account_id, platform_id, livemode);
  CREATE TABLE endpoints (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL, livemode INTEGER NOT NULL,
    connect INTEGER NOT NULL, url TEXT NOT NULL, enabled_events TEXT NOT NULL, api_version TEXT,
    description TEXT, metadata TEXT NOT NULL, status TEXT NOT NULL, disabled_reason TEXT, secrets TEXT NOT NULL,
    created INTEGER NOT NULL, deleted INTEGER NOT NULL, first_failure_at INTEGER, owner INTEGER NOT NULL,
    made_by TEXT, told_of TEXT, rate_limit INTEGER, own INTEGER, payload TEXT NOT NULL DEFAULT 'snapshot',
    name TEXT, updated INTEGER, paused_at INTEGER
  ) STRICT;
  CREATE INDEX endpoints_listed ON endpoints (account_id, livemode, id) WHERE deleted = 0;
  CREATE INDEX endpoints_of_owner ON endpoints (owner);
  CREATE INDEX endpoints_paused ON endpoints (id) WHERE paused_at IS NOT NULL;
  CREATE TABLE owners (
    n INTEGER PRIMARY KEY, account_id TEXT NOT NULL, livemode INTEGER NOT NULL, UNIQUE (account_id, livemode)
  ) STRICT;
  CREATE TABLE objects (
    id TEXT PRIMARY KEY, object TEXT NOT NULL, account_id TEXT NOT NULL, livemode INTEGER NOT NULL, parent TEXT,
    created INTEGER NOT NULL, data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX objects_listed ON objects (account_id, livemode, object, id);
  CREATE INDEX objects_of_parent ON objects (account_id, livemode, object, parent, id) WHERE parent IS NOT NULL;
  CREATE INDEX objects_by_by_code ON objects (account_id, livemode, object, data -> '$.by_code', id)
    WHERE object IN ('promotion_code');
  CREATE INDEX objects_by_customer ON objects (account_id, livemode, object, data -> '$.customer', id)
    WHERE object IN ('payment_intent');
  CREATE INDEX objects_by_domain_name ON objects (account_id, livemode, object, data -> '$.domain_name', id)
    WHERE object IN ('payment_method_domain');
  CREATE INDEX objects_by_lookup_key ON objects (account_id, livemode, object, data -> '$.lookup_key', id)
    WHERE object IN ('price');
  CREATE INDEX objects_by_product ON objects (account_id, livemode, object, data -> '$.product', id)
    WHERE object IN ('price');
  CREATE INDEX objects_by_id ON objects (account_id, livemode, object, data -> '$.id', id)
    WHERE object = 'coupon' OR object = 'price' OR object = 'product';
  CREATE TABLE events (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account_id TEXT NOT NULL, livemode INTEGER NOT NULL,
    type TEXT NOT NULL, created INTEGER NOT NULL, object_id TEXT, application_id TEXT, body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX events_listed ON events (account_id, livemode);
  CREATE INDEX events_by_age ON events (created);
  CREATE INDEX events_of_type ON events (type);
  CREATE INDEX events_thin ON events (account_id, livemode) WHERE type GLOB 'v[12].*';
  CREATE INDEX events_of_account_type ON events (account_id, livemode, type);
  CREATE INDEX events_of_application ON events (application_id) WHERE application_id IS NOT NULL;
  CREATE INDEX events_of_object ON events (n >> 14, substr(object_id, -8)) WHERE substr(object_id, -8) IS NOT NULL;
  CREATE TABLE event_variants (
    event INTEGER NOT NULL, variant TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (event, variant)
  ) STRICT;
  CREATE TABLE deliveries (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL, event INTEGER NOT NULL,
    endpoint INTEGER NOT NULL, owner INTEGER NOT NULL, variant TEXT, created INTEGER NOT NULL,
    state INTEGER NOT NULL, attempts INTEGER NOT NULL, lease INTEGER NOT NULL, due_at INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL, settled_at INTEGER, last_outcome INTEGER, unanswered_account TEXT
  ) STRICT;
  CREATE INDEX deliveries_due ON deliveries (endpoint, due_at) WHERE state = 0;
  CREATE INDEX deliveries_of_event ON deliveries (event);
  CREATE INDEX deliveries_listed ON deliveries (owner);
  CREATE INDEX deliveries_given_up ON deliveries (owner, state) WHERE state >= 2;
  CREATE INDEX deliveries_of_endpoint ON deliveries (endpoint);
  CREATE INDEX deliveries_failed ON deliveries (owner, last_outcome) WHERE last_outcome >= 300;
  CREATE INDEX deliveries_unanswered ON deliveries (event) WHERE state IN (2, 4);
  CREATE INDEX deliveries_failed_of_event ON deliveries (owner, event, last_outcome) WHERE last_outcome >= 300;
  CREATE INDEX deliveries_later ON deliveries (owner, event) WHERE kind <> 0;
  CREATE INDEX deliveries_unanswered_of_account ON deliveries (unanswered_account, event)
    WHERE unanswered_account IS NOT NULL;
  CREATE TABLE lanes (
    endpoint_id TEXT PRIMARY KEY, due_at INTEGER NOT NULL, turn INTEGER NOT NULL, leased_until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX lanes_due ON lanes (due_at, turn);
  CREATE TABLE constant_headers (n INTEGER PRIMARY KEY, headers TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE attempts (
    key INTEGER PRIMARY KEY, at INTEGER NOT NULL, duration_ms INTEGER NOT NULL, outcome TEXT NOT NULL,
    status INTEGER, reason TEXT NOT NULL, request_headers TEXT NOT NULL, constant_headers INTEGER,
    response_headers TEXT NOT NULL, response_body TEXT NOT NULL, retry_after_ms INTEGER, phases TEXT
  ) STRICT;
  CREATE TABLE idempotent_answers (
    scope TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER NOT NULL,
    body TEXT NOT NULL, request_id TEXT NOT NULL, created INTEGER NOT NULL, about TEXT, UNIQUE (scope, key)
  ) STRICT;
  CREATE INDEX idempotent_answers_by_age ON idempotent_answers (created);
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE tasks (
    n INTEGER PRIMARY KEY, account_id TEXT NOT NULL, livemode INTEGER NOT NULL, kind TEXT NOT NULL,
    subject TEXT NOT NULL, due_at INTEGER NOT NULL, UNIQUE (account_id, livemode, kind, subject)
  ) STRICT;
  CREATE INDEX tasks_due ON tasks (due_at);
  CREATE TABLE applications (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, livemode INTEGER NOT NULL, name TEXT NOT NULL,
    redirect_uris TEXT NOT NULL, UNIQUE (account_id, livemode)
  ) STRICT;
  CREATE TABLE endpoint_failures (
    endpoint_id TEXT PRIMARY KEY, count INTEGER NOT NULL, at INTEGER NOT NULL, outcome TEXT NOT NULL,
    status INTEGER, reason TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE unclean_ends (delivery INTEGER NOT NULL, at INTEGER NOT NULL, under_way INTEGER NOT NULL) STRICT;
  CREATE INDEX unclean_ends_of_delivery ON unclean_ends (delivery);
  CREATE TABLE suspects (delivery INTEGER PRIMARY KEY, alone INTEGER NOT NULL, ends INTEGER NOT NULL) STRICT;
  CREATE TABLE requests (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, caller_id TEXT NOT NULL,
    livemode INTEGER NOT NULL, account_id TEXT NOT NULL, key_hint TEXT, method TEXT NOT NULL,
    path TEXT NOT NULL, status INTEGER NOT NULL, duration_ms REAL NOT NULL, idempotency_key TEXT,
    replay_of TEXT, error_name TEXT, error_code TEXT, error TEXT, params TEXT, full_path TEXT, query TEXT,
    answer TEXT
  ) STRICT;
  CREATE INDEX requests_listed ON requests (caller_id, livemode);
  CREATE INDEX requests_failed ON requests (caller_id, livemode, status)
    WHERE status >= 400 OR error_name IS NOT NULL;
  CREATE INDEX requests_of_path ON requests (caller_id, livemode, substr(coalesce(full_path, path), 1, 200));
  CREATE TABLE listen_sessions (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, livemode INTEGER NOT NULL, feature TEXT NOT NULL,
    endpoint_id TEXT, created INTEGER NOT NULL, opened INTEGER NOT NULL, connected INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, forwards TEXT NOT NULL, filter TEXT, key_hash TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX listen_sessions_of_account ON listen_sessions (account_id, livemode, created);
  CREATE INDEX listen_sessions_by_end ON listen_sessions (expires_at);
  CREATE TABLE key_uses (hash TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE audit (
    n INTEGER PRIMARY KEY, at INTEGER NOT NULL, act TEXT NOT NULL, account_id TEXT, subject TEXT NOT NULL,
    by TEXT NOT NULL, detail TEXT NOT NULL, origin TEXT
  ) STRICT;
  CREATE TABLE dashboard_sessions (
    hash TEXT PRIMARY KEY, test_key TEXT, live_key TEXT, operator_key TEXT, created INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE operators (
    hash TEXT PRIMARY KEY, name TEXT NOT NULL, hint TEXT NOT NULL, read_only INTEGER NOT NULL,
    created INTEGER NOT NULL, expires_at INTEGER, last_used_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE sweeps (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE platform_settings (
    account_id TEXT PRIMARY KEY, events_kept_ms INTEGER, endpoint_warning_ms INTEGER,
    endpoint_failing_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE late_events (n INTEGER PRIMARY KEY, created INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
  CREATE INDEX late_events_by_age ON late_events (created);
  CREATE TABLE late_events_known (n INTEGER NOT NULL) STRICT;
  INSERT INTO late_events_known VALUES (1);
  `,
} as const;
