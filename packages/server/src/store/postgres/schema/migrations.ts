/** An escape of NUL or of half a surrogate pair, after any escaped backslashes. */
const UNREADABLE = String.raw`(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})`;
const unspoil = (table: string): string => String.raw`
  UPDATE ${table} SET data = regexp_replace(data::text, '${UNREADABLE}', '\1' || chr(65533), 'g')::json
    WHERE CASE WHEN data::text LIKE '%\\u%' THEN data::text ~ '${UNREADABLE}' ELSE false END;`;

/**
 * The schema, as the steps that lead to it. Never change a released step: append another.
 *
 * It has the tables of the SQLite schema, with these differences. JSON that is returned whole is `json`, which keeps
 * the order of keys. Text with arbitrary characters is `bytea`. No table stores the turns of endpoints, because
 * publishes would wait for each other to change its rows. Instead a claim walks the index of due deliveries.
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
  // The nodes of the database, and when each was last seen. Bodies of up to a page stay in their rows, uncompressed:
  // moving bodies of two kilobytes out and compressing them costs a tenth of the deliveries a second.
  `
  CREATE TABLE nodes (name text COLLATE "C" PRIMARY KEY, seen_at bigint NOT NULL);
  ALTER TABLE events SET (toast_tuple_target = 8160);
  ALTER TABLE event_variants SET (toast_tuple_target = 8160);
  `,
  // Events, and what belongs to them, in partitions by number, which are dropped whole: `keep-partitions.ts` moves on
  // from one to the next. Existing rows become the first. A separate table keeps event ids unique and gives the number,
  // and so the partition. Numbers have no default: a node of the previous version can no longer write.
  `
  LOCK TABLE events, event_variants, deliveries, attempts IN ACCESS EXCLUSIVE MODE;

  CREATE TABLE partitions (
    k bigint PRIMARY KEY,
    first bigint NOT NULL,
    past bigint NOT NULL,
    opened_at bigint,
    closed_at bigint,
    settled boolean NOT NULL DEFAULT false,
    forgotten bigint
  );
  CREATE SEQUENCE event_numbers;
  CREATE SEQUENCE delivery_numbers;

  ALTER TABLE events RENAME TO events_0;
  ALTER INDEX events_pkey RENAME TO events_0_pkey;
  ALTER INDEX events_listed RENAME TO events_0_listed;
  DROP INDEX events_by_age;
  ALTER TABLE events_0 DROP CONSTRAINT events_id_key;
  SELECT setval('event_numbers', greatest(1, (SELECT last_value FROM events_n_seq), (SELECT max(n) FROM events_0)));
  ALTER TABLE events_0 ALTER COLUMN n DROP IDENTITY;
  CREATE TABLE events (
    n bigint PRIMARY KEY,
    id text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    livemode boolean NOT NULL,
    type text COLLATE "C" NOT NULL,
    created bigint NOT NULL,
    object_id text,
    application_id text,
    body bytea NOT NULL
  ) PARTITION BY RANGE (n);
  ALTER TABLE events ALTER COLUMN body SET STORAGE EXTERNAL;
  CREATE INDEX events_listed ON events (account_id, livemode, n);
  ALTER SEQUENCE event_numbers OWNED BY events.n;

  CREATE TABLE event_ids (
    id text COLLATE "C" PRIMARY KEY,
    account_id text COLLATE "C" NOT NULL,
    n bigint NOT NULL
  );
  INSERT INTO event_ids SELECT id, account_id, n FROM events_0 ORDER BY id;

  ALTER TABLE event_variants RENAME TO old_variants;
  ALTER INDEX event_variants_pkey RENAME TO old_variants_pkey;
  CREATE TABLE event_variants (
    event bigint NOT NULL,
    variant text NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (event, variant)
  ) PARTITION BY RANGE (event);

  ALTER TABLE deliveries RENAME TO deliveries_0;
  ALTER INDEX deliveries_pkey RENAME TO deliveries_0_pkey;
  ALTER INDEX deliveries_id_key RENAME TO deliveries_0_id_key;
  ALTER INDEX deliveries_due RENAME TO deliveries_0_due;
  ALTER INDEX deliveries_of_event RENAME TO deliveries_0_of_event;
  ALTER INDEX deliveries_listed RENAME TO deliveries_0_listed;
  ALTER INDEX deliveries_given_up RENAME TO deliveries_0_given_up;
  SELECT setval('delivery_numbers', greatest(1, (SELECT last_value FROM deliveries_n_seq), (SELECT max(n) FROM deliveries_0)));
  ALTER TABLE deliveries_0 ALTER COLUMN n DROP IDENTITY;
  CREATE TABLE deliveries (
    n bigint PRIMARY KEY,
    id text COLLATE "C" NOT NULL,
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
  ) PARTITION BY RANGE (n);
  CREATE INDEX deliveries_due ON deliveries (endpoint, due_at, n) WHERE state = 0;
  CREATE INDEX deliveries_of_event ON deliveries (event);
  CREATE INDEX deliveries_listed ON deliveries (account_id, livemode, n);
  CREATE INDEX deliveries_given_up ON deliveries (account_id, livemode, state, n) WHERE state >= 2;
  ALTER SEQUENCE delivery_numbers OWNED BY deliveries.n;

  ALTER TABLE attempts RENAME TO old_attempts;
  ALTER INDEX attempts_pkey RENAME TO old_attempts_pkey;
  CREATE TABLE attempts (
    delivery bigint NOT NULL,
    number integer NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    duration_ms integer NOT NULL,
    outcome text NOT NULL,
    status smallint,
    reason text NOT NULL,
    request_headers json NOT NULL,
    response_headers json NOT NULL,
    response_body bytea NOT NULL,
    PRIMARY KEY (delivery, number)
  ) PARTITION BY RANGE (delivery);

  -- Makes the partition after the last: the tables first, alone, then part of the whole, which holds up nobody.
  CREATE FUNCTION make_partition() RETURNS bigint LANGUAGE plpgsql AS $$
  DECLARE
    nth bigint;
    first bigint;
    past bigint;
    bounds text;
  BEGIN
    SELECT coalesce(max(p.k) + 1, 0), coalesce(max(p.past), 0) INTO nth, first FROM partitions p;
    past := first + 2147483648;
    bounds := format('FOR VALUES FROM (%s) TO (%s)', first, past);
    EXECUTE format('CREATE TABLE events_%s (LIKE events INCLUDING ALL) WITH (toast_tuple_target = 8160)', nth);
    EXECUTE format('CREATE TABLE event_variants_%s (LIKE event_variants INCLUDING ALL) WITH (toast_tuple_target = 8160)', nth);
    EXECUTE format('CREATE TABLE deliveries_%s (LIKE deliveries INCLUDING ALL, UNIQUE (id)) WITH (fillfactor = 70)', nth);
    EXECUTE format('CREATE TABLE attempts_%s (LIKE attempts INCLUDING ALL)', nth);
    EXECUTE format('ALTER TABLE events ATTACH PARTITION events_%s %s', nth, bounds);
    EXECUTE format('ALTER TABLE event_variants ATTACH PARTITION event_variants_%s %s', nth, bounds);
    EXECUTE format('ALTER TABLE deliveries ATTACH PARTITION deliveries_%s %s', nth, bounds);
    EXECUTE format('ALTER TABLE attempts ATTACH PARTITION attempts_%s %s', nth, bounds);
    INSERT INTO partitions (k, first, past) VALUES (nth, first, past);
    RETURN nth;
  END $$;

  -- The first holds all there is, however many.
  DO $$
  DECLARE
    past bigint;
    bounds text;
  BEGIN
    SELECT (greatest(e.last_value, d.last_value) / 2147483648 + 1) * 2147483648 INTO past FROM event_numbers e, delivery_numbers d;
    bounds := format('FOR VALUES FROM (0) TO (%s)', past);
    CREATE TABLE event_variants_0 (LIKE event_variants INCLUDING ALL) WITH (toast_tuple_target = 8160);
    CREATE TABLE attempts_0 (LIKE attempts INCLUDING ALL);
    INSERT INTO event_variants_0
      SELECT v.event, v.variant, e.account_id, v.body FROM old_variants v JOIN events_0 e ON e.n = v.event ORDER BY 1, 2;
    INSERT INTO attempts_0
      SELECT a.key / 65536, a.key % 65536, d.account_id, a.at, a.duration_ms, a.outcome, a.status, a.reason, a.request_headers,
        a.response_headers, a.response_body
      FROM old_attempts a JOIN deliveries_0 d ON d.n = a.key / 65536 ORDER BY 1, 2;
    DROP TABLE old_variants, old_attempts;
    EXECUTE format('ALTER TABLE events ATTACH PARTITION events_0 %s', bounds);
    EXECUTE format('ALTER TABLE event_variants ATTACH PARTITION event_variants_0 %s', bounds);
    EXECUTE format('ALTER TABLE deliveries ATTACH PARTITION deliveries_0 %s', bounds);
    EXECUTE format('ALTER TABLE attempts ATTACH PARTITION attempts_0 %s', bounds);
    INSERT INTO partitions (k, first, past) VALUES (0, 0, past);
    PERFORM make_partition();
  END $$;
  `,
  // Which platform made an endpoint while acting for an account. Earlier ones count as the account's own. A node of the
  // previous version treats every endpoint as the account's own, as before.
  `
  ALTER TABLE endpoints ADD COLUMN made_by text COLLATE "C";
  `,
  // The last notice to an owner about an endpoint's failures. The failures have a separate table, because they change
  // with every failed attempt. A node of the previous version disables endpoints as before, without a notice.
  `
  ALTER TABLE endpoints ADD COLUMN told_of text;
  CREATE TABLE endpoint_failures (
    endpoint_id text COLLATE "C" PRIMARY KEY,
    count integer NOT NULL,
    at bigint NOT NULL,
    outcome text NOT NULL,
    status smallint,
    reason text NOT NULL
  ) WITH (fillfactor = 50);
  `,
  // What was under way when a node ended uncleanly: what each node has under way now, the ends of each delivery, and
  // the suspects that wait for a careful round. A node without this step sends suspects like any other delivery. The
  // tables are unlogged: a database that ends uncleanly only forgets what was under way.
  `
  CREATE UNLOGGED TABLE under_way (
    node text COLLATE "C" NOT NULL,
    note bigint NOT NULL,
    deliveries bigint[] NOT NULL,
    leases integer[] NOT NULL,
    PRIMARY KEY (node, note)
  );
  CREATE TABLE unclean_ends (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    delivery bigint NOT NULL,
    node text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    under_way integer NOT NULL
  );
  CREATE INDEX unclean_ends_of_delivery ON unclean_ends (delivery);
  CREATE INDEX unclean_ends_of_node ON unclean_ends (node);
  CREATE INDEX unclean_ends_by_age ON unclean_ends (at);
  CREATE TABLE suspects (
    delivery bigint PRIMARY KEY,
    lease integer NOT NULL,
    node text COLLATE "C" NOT NULL,
    alone integer NOT NULL,
    ends integer NOT NULL
  );
  CREATE INDEX suspects_of_node ON suspects (node);
  `,
  // Secrets are sealed from here on; `stored-secrets.ts` seals existing ones. A node of the previous version would
  // write them in clear, and cannot: the constraint does not check existing rows yet, but it checks new ones.
  `
  ALTER TABLE nodes ADD COLUMN key_id text;
  ALTER TABLE endpoints ADD CONSTRAINT endpoints_sealed CHECK (url LIKE 'enc1.%' AND secrets::text LIKE '"enc1.%') NOT VALID;
  ALTER TABLE applications ADD CONSTRAINT applications_sealed CHECK (redirect_uris::text LIKE '"enc1.%') NOT VALID;
  ALTER TABLE objects ADD CONSTRAINT objects_sealed
    CHECK (object NOT IN ('account_link', 'page_session') OR data::text LIKE '"enc1.%') NOT VALID;
  ALTER TABLE idempotent_answers ADD CONSTRAINT idempotent_answers_sealed CHECK (body LIKE 'enc1.%') NOT VALID;
  ALTER TABLE settings ADD CONSTRAINT settings_sealed
    CHECK (name IN ('purpose', 'clock', 'dev_platform', 'secret_keys') OR value::text LIKE '"enc1.%') NOT VALID;
  `,
  // The rate limit of an endpoint, and how long a failed answer asked to wait. A node of the previous version ignores
  // the limit and waits no longer than before.
  `
  ALTER TABLE endpoints ADD COLUMN rate_limit integer;
  ALTER TABLE attempts ADD COLUMN retry_after_ms bigint;
  `,
  // Answered requests, and listening sessions of the official CLI. A node of the previous version records no requests.
  // It treats the sessions' listeners as endpoints: it lists them, and its deliveries to them fail until a newer node
  // retries them.
  `
  CREATE TABLE requests (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    at bigint NOT NULL,
    caller_id text COLLATE "C" NOT NULL,
    livemode boolean NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    key_hint text,
    method text NOT NULL,
    path text NOT NULL,
    status smallint NOT NULL,
    duration_ms double precision NOT NULL,
    idempotency_key text,
    replay_of text,
    error_name text,
    error_code text,
    error json,
    params json
  );
  CREATE INDEX requests_listed ON requests (caller_id, livemode, n);

  CREATE TABLE listen_sessions (
    id text COLLATE "C" PRIMARY KEY,
    account_id text COLLATE "C" NOT NULL,
    livemode boolean NOT NULL,
    feature text NOT NULL,
    endpoint_id text COLLATE "C",
    created bigint NOT NULL,
    opened boolean NOT NULL,
    connected boolean NOT NULL,
    expires_at bigint NOT NULL,
    forwards json NOT NULL,
    filter json
  ) WITH (fillfactor = 50);
  CREATE INDEX listen_sessions_of_account ON listen_sessions (account_id, livemode, created);
  CREATE INDEX listen_sessions_by_end ON listen_sessions (expires_at);
  `,
  // When keys were last used, and what operators and platforms did. A node of the previous version records neither.
  `
  CREATE TABLE key_uses (hash text COLLATE "C" PRIMARY KEY, at bigint NOT NULL) WITH (fillfactor = 50);
  CREATE TABLE audit (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at bigint NOT NULL,
    act text NOT NULL,
    account_id text COLLATE "C",
    subject text NOT NULL,
    by text NOT NULL,
    detail json NOT NULL
  );
  `,
  // The key that asked for a listening session. The session ends with that key. A node of the previous version does not
  // end it.
  `ALTER TABLE listen_sessions ADD COLUMN key_hash text COLLATE "C";`,
  // What a restricted key may do. A node of the previous version does not find restricted keys: see `keyHash`.
  `ALTER TABLE keys ADD COLUMN permissions json;`,
  // How the last attempt of a delivery ended, and indexes for the filters of lists. Of earlier deliveries only those
  // that have not succeeded know their last status. A node of the previous version does not update it.
  `
  ALTER TABLE deliveries ADD COLUMN last_outcome smallint;
  UPDATE deliveries d SET last_outcome = a.status FROM attempts a
    WHERE a.delivery = d.n AND a.number = d.attempts AND d.state <> 1 AND d.attempts > 0;
  CREATE INDEX deliveries_of_endpoint ON deliveries (endpoint, n);
  CREATE INDEX deliveries_failed ON deliveries (account_id, livemode, last_outcome, n) WHERE last_outcome >= 300;
  CREATE INDEX events_of_type ON events (type, n);
  CREATE INDEX events_by_age ON events USING brin (created);
  CREATE INDEX endpoints_of_owner ON endpoints (account_id, livemode);
  `,
  // The sessions of people who have signed in to the dashboard. A node of the previous version does not serve a
  // dashboard.
  `
  CREATE TABLE dashboard_sessions (
    hash text COLLATE "C" PRIMARY KEY,
    test_key text COLLATE "C",
    live_key text COLLATE "C",
    operator_key text COLLATE "C",
    created bigint NOT NULL,
    seen_at bigint NOT NULL
  ) WITH (fillfactor = 70);
  `,
  // Operators, and where acts came from. A node of the previous version does not record these.
  `
  CREATE TABLE operators (
    hash text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    hint text NOT NULL,
    read_only boolean NOT NULL,
    created bigint NOT NULL,
    expires_at bigint,
    last_used_at bigint
  );
  ALTER TABLE audit ADD COLUMN origin text;
  `,
  // Event destinations of the v2 API: endpoints for thin events, with a name. If it is null, `own` is the opposite of
  // `connect`, and `updated` is `created`. A node of the previous version sends thin events like others, but records
  // none.
  `
  ALTER TABLE endpoints ADD COLUMN own boolean;
  ALTER TABLE endpoints ADD COLUMN payload text NOT NULL DEFAULT 'snapshot';
  ALTER TABLE endpoints ADD COLUMN name text;
  ALTER TABLE endpoints ADD COLUMN updated bigint;
  `,
  // How long the parts of an attempt took. For earlier attempts this is unknown. A node of the previous version does
  // not record it.
  `ALTER TABLE attempts ADD COLUMN phases text;`,
  // When an endpoint's pause began. A node of the previous version sends to it nevertheless.
  `
  ALTER TABLE endpoints ADD COLUMN paused_at bigint;
  CREATE INDEX endpoints_paused ON endpoints (n) WHERE paused_at IS NOT NULL;
  `,
  // The list of thin events, which may be few among many whole ones. The condition is that of `events-page.ts`.
  `CREATE INDEX events_thin ON events (account_id, livemode, n) WHERE type ~ '^v[12][.]';`,
  // What a node reports of itself. A node of the previous version reports nothing.
  `
  ALTER TABLE nodes ADD COLUMN version text;
  ALTER TABLE nodes ADD COLUMN roles text;
  ALTER TABLE nodes ADD COLUMN started_at bigint;
  `,
  // What a request asked for: its path with ids, where that is not the route's pattern (`path`); on a `dev` server also
  // its query and the answer. A node of the previous version records only the route.
  `
  ALTER TABLE requests ADD COLUMN full_path text;
  ALTER TABLE requests ADD COLUMN query json;
  ALTER TABLE requests ADD COLUMN answer text;
  `,
  // How far each sweep of deliveries has got, by their numbers. A node of the previous version does not make these
  // sweeps.
  `CREATE TABLE sweeps (name text COLLATE "C" PRIMARY KEY, position bigint NOT NULL);`,
  // Platforms' own settings. 0 means never; null means that the server's limits apply. A node of the previous version
  // uses only the limits.
  `
  CREATE TABLE platform_settings (
    account_id text COLLATE "C" PRIMARY KEY,
    events_kept_ms bigint,
    endpoint_warning_ms bigint,
    endpoint_failing_ms bigint
  );
  `,
  // The list of a platform's closed accounts, and whether it has any.
  `CREATE INDEX accounts_closed ON accounts ((data->>'createdBy'), id) WHERE deleted;`,
  // An account's events of a type or of an object, in their order. Without these, one list could read all events there
  // are.
  `
  CREATE INDEX events_of_account_type ON events (account_id, livemode, type, n);
  CREATE INDEX events_of_object ON events (object_id, account_id, livemode, n) WHERE object_id IS NOT NULL;
  `,
  // How a statement ends a transaction that relies on something outdated: see `known-configuration.ts`.
  `
  CREATE FUNCTION refuse_outdated() RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'What a node knew has changed: the transaction is run again.' USING ERRCODE = 'serialization_failure';
  END $$;
  `,
  // Events that belong to one application alone. With the index, a platform with few events need not search for them
  // among all.
  `CREATE INDEX events_of_application ON events (application_id, n) WHERE application_id IS NOT NULL;`,
  // The account whose data a stored answer shows: the answer is deleted with the account. A node of the previous
  // version does not record it.
  `ALTER TABLE idempotent_answers ADD COLUMN about text COLLATE "C";`,
  // Searches of the request log: failed requests, which are few among all, and the beginning of a path. The conditions
  // and expressions are those of `request-rows.ts`.
  `
  CREATE INDEX requests_failed ON requests (caller_id, livemode, status, n) WHERE status >= 400 OR error_name IS NOT NULL;
  CREATE INDEX requests_of_path ON requests (caller_id, livemode, (substr(coalesce(full_path, path), 1, 200) COLLATE "C"), n);
  `,
  // Pending deliveries are in a small separate table, with their leases. No index of `deliveries` has a column that a
  // success changes, so that its row is updated in place (HOT) when its page has room: The state of a delivery that was
  // given up and the outcome of one that failed are in separate columns, for the lists that search for them. The
  // deliveries of many events are found in the index alone. A node of the previous version can neither claim nor
  // settle: its statements name columns that are gone.
  `
  LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE;
  CREATE TABLE pending (
    n bigint PRIMARY KEY,
    endpoint bigint NOT NULL,
    due_at bigint NOT NULL,
    next_attempt_at bigint NOT NULL,
    attempts integer NOT NULL,
    lease integer NOT NULL,
    lease_node text
  ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
  INSERT INTO pending SELECT n, endpoint, due_at, next_attempt_at, attempts, lease, lease_node FROM deliveries WHERE state = 0 ORDER BY n;
  CREATE INDEX pending_due ON pending (endpoint, due_at, n);

  ALTER TABLE deliveries ADD COLUMN gave_up smallint;
  ALTER TABLE deliveries ADD COLUMN failed_with smallint;
  UPDATE deliveries SET gave_up = state WHERE state >= 2;
  UPDATE deliveries SET failed_with = last_outcome WHERE last_outcome >= 300;
  DROP INDEX deliveries_given_up, deliveries_failed, deliveries_of_event;
  CREATE INDEX deliveries_of_event ON deliveries (event, n);
  CREATE INDEX deliveries_given_up ON deliveries (account_id, livemode, gave_up, n) INCLUDE (event) WHERE gave_up IS NOT NULL;
  CREATE INDEX deliveries_failed ON deliveries (account_id, livemode, failed_with, n) INCLUDE (event) WHERE failed_with IS NOT NULL;
  ALTER TABLE deliveries DROP COLUMN due_at, DROP COLUMN lease_node;
  ALTER TABLE deliveries ALTER COLUMN lease SET DEFAULT 0;

  CREATE OR REPLACE FUNCTION make_partition() RETURNS bigint LANGUAGE plpgsql AS $$
  DECLARE
    nth bigint;
    first bigint;
    past bigint;
    bounds text;
  BEGIN
    SELECT coalesce(max(p.k) + 1, 0), coalesce(max(p.past), 0) INTO nth, first FROM partitions p;
    past := first + 2147483648;
    bounds := format('FOR VALUES FROM (%s) TO (%s)', first, past);
    EXECUTE format('CREATE TABLE events_%s (LIKE events INCLUDING ALL) WITH (toast_tuple_target = 8160)', nth);
    EXECUTE format('CREATE TABLE event_variants_%s (LIKE event_variants INCLUDING ALL) WITH (toast_tuple_target = 8160)', nth);
    EXECUTE format('CREATE TABLE deliveries_%s (LIKE deliveries INCLUDING ALL, UNIQUE (id)) WITH (fillfactor = 50)', nth);
    EXECUTE format('CREATE TABLE attempts_%s (LIKE attempts INCLUDING ALL)', nth);
    EXECUTE format('ALTER TABLE events ATTACH PARTITION events_%s %s', nth, bounds);
    EXECUTE format('ALTER TABLE event_variants ATTACH PARTITION event_variants_%s %s', nth, bounds);
    EXECUTE format('ALTER TABLE deliveries ATTACH PARTITION deliveries_%s %s', nth, bounds);
    EXECUTE format('ALTER TABLE attempts ATTACH PARTITION attempts_%s %s', nth, bounds);
    INSERT INTO partitions (k, first, past) VALUES (nth, first, past);
    RETURN nth;
  END $$;

  DO $$
  DECLARE
    nth bigint;
  BEGIN
    FOR nth IN SELECT k FROM partitions LOOP
      EXECUTE format('ALTER TABLE deliveries_%s SET (fillfactor = 50)', nth);
    END LOOP;
  END $$;
  `,
  // Lists of an account's deliveries and events. A delivery that failed or was given up without an answer has the
  // account of its event: no success writes that column, and the list need not examine the events of all accounts.
  // Deliveries that were made later than their events have an index; all others are numbered in the order of their
  // events. Events of a time are found in an index alone. The conditions are those of `deliveries-page.ts`,
  // `events-page.ts` and `newest-of-events.ts`. A node of the previous version would leave out what fails from now on.
  `
  ALTER TABLE deliveries ADD COLUMN troubled_account text COLLATE "C";
  UPDATE deliveries d SET troubled_account = e.account_id FROM events e
    WHERE e.n = d.event AND (d.failed_with IS NOT NULL OR d.gave_up IN (2, 4));
  CREATE INDEX deliveries_troubled ON deliveries (troubled_account, n) INCLUDE (event, failed_with, gave_up)
    WHERE troubled_account IS NOT NULL;
  CREATE INDEX deliveries_later ON deliveries (account_id, livemode, n) WHERE kind <> 0;
  DROP INDEX events_by_age;
  CREATE INDEX events_by_age ON events (created, n);
  `,
  // Deliveries that are leased for another node in the commit that makes them: the mark that finds them. The index has
  // them only during their first lease: nodes search it at each beat, and a failed delivery may wait for days. The
  // condition is that of `read-handed.ts`. A node of the previous version neither leases for others nor is leased to.
  `
  ALTER TABLE pending ADD COLUMN handed bigint;
  CREATE INDEX pending_handed ON pending (handed, n) WHERE handed IS NOT NULL AND lease = 1;
  `,
  // Until when, and why, the server that last tried an endpoint sends nothing to it. A node of the previous version
  // does not change it.
  `
  ALTER TABLE endpoint_failures ADD COLUMN held_until bigint;
  ALTER TABLE endpoint_failures ADD COLUMN held_by text;
  `,
  // Searches of the audit log, which is kept for ever.
  `
  CREATE INDEX audit_of_account ON audit (account_id, n);
  CREATE INDEX audit_of_act ON audit (act COLLATE "C", n);
  CREATE INDEX audit_of_subject ON audit USING hash (subject);
  CREATE INDEX audit_by ON audit (by, n);
  CREATE INDEX audit_at ON audit (at);
  `,
  // Accounts that were erased. Each has its erasure while that still searches the requests and answers of others, once
  // for all its accounts. A node of the previous version searches separately for each account.
  `
  CREATE TABLE erased_accounts (account_id text COLLATE "C" PRIMARY KEY, erasure text COLLATE "C", at bigint NOT NULL);
  CREATE INDEX erased_accounts_sought ON erased_accounts (erasure) WHERE erasure IS NOT NULL;
  CREATE INDEX erased_accounts_by_age ON erased_accounts (at);
  `,
  // Rows that were spoilt by half a character, before `keptJson` existed: no statement could read their fields, and
  // every list that reached one failed. They now get the text that `keptJson` writes. Nearly all other rows are skipped
  // without an exact search: a gigabyte takes about ten seconds, and only the rows that change are locked.
  ["accounts", "objects"].map(unspoil).join(""),
  // When a request was answered by the machine's clock, if the server's clock is turned: retention uses it.
  `ALTER TABLE requests ADD COLUMN machine_at bigint;`,
];

/**
 * How many steps a node must know to work with a database that has all of them. A step that nodes without it cannot
 * work with raises this to its own number: running nodes then shut down, and starting ones refuse to.
 */
export const OLDEST_NODE = 31;
