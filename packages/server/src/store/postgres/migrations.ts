/**
 * The schema, as the steps that lead to it. A step, once released, never changes: append another.
 *
 * It has the tables of the SQLite schema, and these differences: JSON that is given back whole is `json`, which keeps
 * the order of keys; what may hold any character is `bytea`; whose turn it is stands in no table, since a row that
 * every publish changes would make all of them wait for each other: a claim walks the index of what is due.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE accounts (
    id text COLLATE "C" PRIMARY KEY,
    created bigint NOT NULL,
    api_version text NOT NULL,
    deleted boolean NOT NULL,
    data json NOT NULL
  );

  CREATE TABLE applications (
    id text COLLATE "C" PRIMARY KEY,
    account_id text COLLATE "C" NOT NULL,
    livemode boolean NOT NULL,
    name text NOT NULL,
    redirect_uris json NOT NULL,
    UNIQUE (account_id, livemode)
  );

  CREATE TABLE keys (
    hash text COLLATE "C" PRIMARY KEY,
    account_id text COLLATE "C" NOT NULL,
    livemode boolean NOT NULL,
    kind text NOT NULL,
    hint text NOT NULL,
    created bigint NOT NULL,
    expires_at bigint,
    platform_id text COLLATE "C",
    connection_livemode boolean,
    scope text
  );
  CREATE INDEX keys_of_account ON keys (account_id);

  CREATE TABLE connections (
    platform_id text COLLATE "C" NOT NULL,
    livemode boolean NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    created bigint NOT NULL,
    controller boolean NOT NULL,
    scope text NOT NULL,
    PRIMARY KEY (platform_id, livemode, account_id)
  );
  CREATE INDEX connections_of_account ON connections (account_id, platform_id, livemode);

  CREATE TABLE endpoints (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    account_id text COLLATE "C" NOT NULL,
    livemode boolean NOT NULL,
    connect boolean NOT NULL,
    url text NOT NULL,
    enabled_events json NOT NULL,
    api_version text,
    description text,
    metadata json NOT NULL,
    status text NOT NULL,
    disabled_reason text,
    secrets json NOT NULL,
    created bigint NOT NULL,
    deleted boolean NOT NULL,
    first_failure_at bigint
  );
  CREATE INDEX endpoints_listed ON endpoints (account_id, livemode, id) WHERE NOT deleted;

  CREATE TABLE objects (
    id text COLLATE "C" PRIMARY KEY,
    object text NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    livemode boolean NOT NULL,
    parent text COLLATE "C",
    created bigint NOT NULL,
    data json NOT NULL
  );
  CREATE INDEX objects_listed ON objects (account_id, livemode, object, id);
  CREATE INDEX objects_of_parent ON objects (account_id, livemode, object, parent, id) WHERE parent IS NOT NULL;

  CREATE TABLE events (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    account_id text COLLATE "C" NOT NULL,
    livemode boolean NOT NULL,
    type text COLLATE "C" NOT NULL,
    created bigint NOT NULL,
    object_id text,
    application_id text,
    body bytea NOT NULL
  );
  ALTER TABLE events ALTER COLUMN body SET STORAGE EXTERNAL;
  CREATE INDEX events_listed ON events (account_id, livemode, n);
  CREATE INDEX events_by_age ON events (created);

  CREATE TABLE event_variants (
    event bigint NOT NULL,
    variant text NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (event, variant)
  );

  CREATE TABLE deliveries (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    kind smallint NOT NULL,
    event bigint NOT NULL,
    endpoint bigint NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    livemode boolean NOT NULL,
    variant text,
    created bigint NOT NULL,
    state smallint NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    lease integer NOT NULL,
    lease_node text,
    due_at bigint NOT NULL,
    next_attempt_at bigint NOT NULL,
    settled_at bigint
  ) WITH (fillfactor = 70);
  CREATE INDEX deliveries_due ON deliveries (endpoint, due_at, n) WHERE state = 0;
  CREATE INDEX deliveries_of_event ON deliveries (event);
  CREATE INDEX deliveries_listed ON deliveries (account_id, livemode, n);
  CREATE INDEX deliveries_given_up ON deliveries (account_id, livemode, state, n) WHERE state >= 2;

  CREATE TABLE attempts (
    key bigint PRIMARY KEY,
    at bigint NOT NULL,
    duration_ms integer NOT NULL,
    outcome text NOT NULL,
    status smallint,
    reason text NOT NULL,
    request_headers json NOT NULL,
    response_headers json NOT NULL,
    response_body bytea NOT NULL
  );

  CREATE TABLE tasks (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id text COLLATE "C" NOT NULL,
    livemode boolean NOT NULL,
    kind text NOT NULL,
    subject text COLLATE "C" NOT NULL,
    due_at bigint NOT NULL,
    UNIQUE (account_id, livemode, kind, subject)
  );
  CREATE INDEX tasks_due ON tasks (due_at, n);

  CREATE TABLE idempotent_answers (
    scope text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint text NOT NULL,
    status smallint NOT NULL,
    body text NOT NULL,
    request_id text NOT NULL,
    created bigint NOT NULL,
    PRIMARY KEY (scope, key)
  );
  CREATE INDEX idempotent_answers_by_age ON idempotent_answers (created);

  CREATE TABLE settings (name text COLLATE "C" PRIMARY KEY, value json NOT NULL);
  `,
  // Who shares the database, and when each was last seen. Bodies of up to a page stay in their rows, as they are: moved out
  // of the way and compressed, those of two kilobytes cost a tenth of all deliveries a second.
  `
  CREATE TABLE nodes (name text COLLATE "C" PRIMARY KEY, seen_at bigint NOT NULL);
  ALTER TABLE events SET (toast_tuple_target = 8160);
  ALTER TABLE event_variants SET (toast_tuple_target = 8160);
  `,
];
