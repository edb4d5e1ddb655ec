import type { ClientSession, SqlRow } from "../database/session.ts";

/** The rows that nearly every call reads and few change: the rows of a table that one column finds. */
const SOURCES = {
  key: { table: "keys", by: "hash", where: "" },
  account: { table: "accounts", by: "id", where: "" },
  applications: { table: "applications", by: "account_id", where: "" },
  connections: { table: "connections", by: "account_id", where: "" },
  endpoints: { table: "endpoints", by: "account_id", where: " AND NOT deleted" },
} as const;

export type KnownSource = keyof typeof SOURCES;

const NAMES = Object.keys(SOURCES) as KnownSource[];

/**
 * A row's version: another one after each change. Source: https://www.postgresql.org/docs/18/ddl-system-columns.html
 */
const VERSION = "xmin::text || ctid::text";

const read = (source: KnownSource): string => {
  const { table, by, where } = SOURCES[source];
  return `SELECT *, ${VERSION} AS version FROM ${table} WHERE ${by} = $1${where}`;
};
const READS = Object.fromEntries(NAMES.map((name) => [name, read(name)])) as Readonly<Record<KnownSource, string>>;

/** The versions of the rows of many keys of each source. */
const VERSIONS = NAMES.map(
  (name, index) =>
    `SELECT ${index} AS source, ${SOURCES[name].by} AS key, ${VERSION} AS version
     FROM ${SOURCES[name].table} WHERE ${SOURCES[name].by} = ANY($${index + 1}::text[])${SOURCES[name].where}`,
).join(" UNION ALL ");

/** Fails unless the rows of these keys have these versions, and these idempotency keys have not been used. */
const REFUSE_OUTDATED = `
  SELECT refuse_outdated() WHERE EXISTS (
    ${NAMES.map((name, index) => {
      const { table, by, where } = SOURCES[name];
      return `SELECT FROM unnest($${2 * index + 1}::text[], $${2 * index + 2}::text[]) AS known (key, version) WHERE known.version <> coalesce(
        (SELECT string_agg(${VERSION}, ' ' ORDER BY (${VERSION}) COLLATE "C") FROM ${table} WHERE ${by} = known.key${where}), '')`;
    }).join(" UNION ALL ")}
    UNION ALL SELECT FROM unnest($${2 * NAMES.length + 1}::text[], $${2 * NAMES.length + 2}::text[], $${2 * NAMES.length + 3}::bigint[])
      AS unused (scope, key, since) JOIN idempotent_answers a ON a.scope = unused.scope AND a.key = unused.key
    WHERE a.created >= unused.since
  )`;

const CHANGES = new RegExp(`^\\s*(?:INSERT INTO|UPDATE|DELETE FROM) (?:${NAMES.map((name) => SOURCES[name].table).join("|")})\\b`);

/** The effect of each statement text on these tables. */
const changing = new Map<string, boolean>();

/** Whether a statement changes something that may be known. */
export function changesKnown(sql: string): boolean {
  let changes = changing.get(sql);
  if (changes === undefined) {
    changes = CHANGES.test(sql);
    changing.set(sql, changes);
  }
  return changes;
}

/** What was read once: the rows of one key. */
export interface KnownAnswer {
  source: KnownSource;
  key: string;
  rows: readonly SqlRow[];
  /** What the contract makes of them, once a caller has asked. It is frozen, because all callers share it. */
  made?: readonly unknown[];
  /** The version of all its rows. */
  version: string;
  /** About how much memory it takes. */
  bytes: number;
}

/** An idempotency key that was assumed to be unused. */
export interface UnusedKey {
  scope: string;
  key: string;
  /** Older answers do not count. */
  since: number;
}

/**
 * About how many bytes each of two generations may take. Answers that were not used since the last change of
 * generations are forgotten. An account with many capabilities takes 170 kB; most others, and everything else, a few.
 */
const KEPT = 15_000_000;

/** Bytes that an answer takes in addition to its rows, and a value in addition to its text. */
const BESIDES = 500;
const FOR_A_VALUE = 32;

/**
 * What transactions have read of the configuration: keys, accounts, applications, connections and endpoints. Other
 * nodes change it too, so each transaction that uses an answer asks the database, in its own snapshot, whether the same
 * versions of the same rows are still there. A wrong answer is therefore never used. This saves waiting for five reads
 * one after another, and sending and reading their content.
 */
export class KnownConfiguration {
  #newer = new Map<string, KnownAnswer>();
  #older = new Map<string, KnownAnswer>();
  /** The bytes of the newer generation, including answers forgotten since it began. */
  #bytes = 0;

  find(source: KnownSource, key: string): KnownAnswer | undefined {
    const place = `${source}\0${key}`;
    const newer = this.#newer.get(place);
    if (newer !== undefined) return newer;
    const older = this.#older.get(place);
    if (older !== undefined) this.#keep(place, older);
    return older;
  }

  /**
   * Reads the rows of a key. `keep`: remembers them, unless the transaction itself changed them. Rows that a stranger
   * may name are remembered only if they exist.
   */
  async read(session: ClientSession, source: KnownSource, key: string, keep: boolean): Promise<KnownAnswer> {
    const rows = await session.all(READS[source], key);
    const version = versionOf(rows.map((row) => row.version as string));
    const answer = { source, key, rows, version, bytes: BESIDES + bytesOf(rows) };
    if (keep && (rows.length > 0 || (source !== "key" && source !== "account"))) this.#keep(`${source}\0${key}`, answer);
    return answer;
  }

  /** Returns which of the answers are not true in this transaction, and forgets them. */
  async outdated(session: ClientSession, answers: ReadonlySet<KnownAnswer>): Promise<ReadonlySet<KnownAnswer>> {
    const keys = NAMES.map(() => new Set<string>());
    for (const { source, key } of answers) keys[NAMES.indexOf(source)]?.add(key);
    const found = new Map<string, string[]>();
    for (const { source, key, version } of await session.all(VERSIONS, ...keys.map((of) => [...of]))) {
      const place = `${NAMES[source as number]}\0${key}`;
      const versions = found.get(place);
      if (versions === undefined) found.set(place, [version as string]);
      else versions.push(version as string);
    }
    const outdated = new Set<KnownAnswer>();
    for (const answer of answers) {
      const place = `${answer.source}\0${answer.key}`;
      if (versionOf(found.get(place) ?? []) === answer.version) continue;
      outdated.add(answer);
      for (const answers of [this.#newer, this.#older]) if (answers.get(place) === answer) answers.delete(place);
    }
    return outdated;
  }

  /**
   * Sends a statement that fails, and with it the transaction, unless all of the answers are true in it and none of the
   * idempotency keys has been used. Its failure says that the transaction has to be run again.
   */
  refuseOutdated(session: ClientSession, answers: ReadonlySet<KnownAnswer>, unused: readonly UnusedKey[]): void {
    if (answers.size + unused.length === 0) return;
    const all = [...answers];
    const known = NAMES.flatMap((name) => {
      const of = all.filter(({ source }) => source === name);
      return [of.map(({ key }) => key), of.map(({ version }) => version)];
    });
    session.send(REFUSE_OUTDATED, [
      ...known,
      unused.map(({ scope }) => scope),
      unused.map(({ key }) => key),
      unused.map(({ since }) => since),
    ]);
  }

  #keep(place: string, answer: KnownAnswer): void {
    if (this.#bytes + answer.bytes > KEPT) {
      this.#older = this.#newer;
      this.#newer = new Map();
      this.#bytes = 0;
    }
    this.#bytes += answer.bytes;
    this.#newer.set(place, answer);
  }
}

/** About how much memory a value takes, with everything in it. */
function bytesOf(value: unknown): number {
  if (typeof value === "string") return FOR_A_VALUE + value.length;
  let bytes = FOR_A_VALUE;
  if (typeof value === "object" && value !== null) for (const held of Object.values(value)) bytes += bytesOf(held);
  return bytes;
}

const versionOf = (versions: readonly string[]): string => [...versions].sort().join(" ");
