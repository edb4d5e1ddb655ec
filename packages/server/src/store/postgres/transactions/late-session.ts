import { frozen } from "../../frozen.ts";
import type { SecretBox } from "../../secret-box.ts";
import type { ClientSession, SqlRow, SqlValue } from "../database/session.ts";
import type { AfterCommit } from "./after-commit.ts";
import { claimsOf, HeldWrites, sendWrites } from "./held-writes.ts";
import type { KnowingSession } from "./knowing-session.ts";
import { changesKnown, type KnownAnswer, type KnownConfiguration, type KnownSource, type UnusedKey } from "./known-configuration.ts";

const USED_KEYS = `
  SELECT g.scope, g.key FROM unnest($1::text[], $2::text[], $3::bigint[]) AS g (scope, key, since)
    JOIN idempotent_answers a ON a.scope = g.scope AND a.key = g.key
  WHERE a.created >= g.since`;

/** Something that was assumed is not true: the transaction must be rerun. Its code is `serialization_failure`. */
class Outdated extends Error {
  override readonly name = "Outdated";
  readonly code = "40001";
}

const NOTHING = Promise.resolve();

/** What a late session works with. */
export interface LateSessionParts {
  known: KnownConfiguration;
  box: SecretBox;
  /** The node whose leases are written. */
  node: string;
  after: AfterCommit;
  /** Begins the transaction on a connection. */
  connect(): Promise<ClientSession>;
  /** Whether to assume at first that idempotency keys are unused, and check later. */
  presumes: boolean;
}

/**
 * A session that takes a connection when it first needs one. Until then it answers from what is known, and holds its
 * writes back. Work that needs no more than that never takes one, and shares the commit of others. Everything that was
 * assumed is checked in the transaction, before its commit; if it is not true, the work is rerun.
 */
export class LateSession implements KnowingSession {
  readonly #parts: LateSessionParts;
  #session: ClientSession | null = null;
  #connecting: Promise<ClientSession> | null = null;
  #ended = false;
  /** Whether it changed something that may be known: then it reads everything itself. */
  #changed = false;
  /** What was assumed, and is not checked yet. */
  #used = new Set<KnownAnswer>();
  #unused: UnusedKey[] = [];
  #held = new HeldWrites();
  /** Resolves when the last writes that were held back are answered. */
  #written: Promise<void> = NOTHING;

  constructor(parts: LateSessionParts) {
    this.#parts = parts;
  }

  async all(sql: string, ...values: SqlValue[]): Promise<SqlRow[]> {
    return this.#behind(sql, (session) => session.all(sql, ...values));
  }

  async get(sql: string, ...values: SqlValue[]): Promise<SqlRow | undefined> {
    return this.#behind(sql, (session) => session.get(sql, ...values));
  }

  async run(sql: string, ...values: SqlValue[]): Promise<number> {
    return this.#behind(sql, (session) => session.run(sql, ...values));
  }

  /**
   * The rows of a key, each turned into an object by `make`, which is always the same for one source. They are frozen.
   */
  async known<Row>(source: KnownSource, key: string, make: (row: SqlRow) => Row): Promise<readonly Row[]> {
    this.#check();
    const { known } = this.#parts;
    let answer = this.#changed ? undefined : known.find(source, key);
    if (answer === undefined) answer = await this.#behind("", (session) => known.read(session, source, key, !this.#changed));
    else this.#used.add(answer);
    answer.made ??= frozen(answer.rows.map(make));
    return answer.made as readonly Row[];
  }

  /** Assumes that an idempotency key is unused, if that may be presumed. Returns whether it may. */
  presumeUnused(key: UnusedKey): boolean {
    this.#check();
    const own = placeOfKey(key);
    if (!this.#parts.presumes || this.#session !== null || this.#held.answers.some((answer) => placeOfKey(answer) === own)) return false;
    this.#unused.push(key);
    return true;
  }

  /** Holds a write back. */
  hold(write: (held: HeldWrites) => void): void {
    this.#check();
    write(this.#held);
  }

  /** What was assumed, and is not checked yet. */
  get presumed(): { used: ReadonlySet<KnownAnswer>; unused: readonly UnusedKey[] } {
    return { used: this.#used, unused: this.#unused };
  }

  get held(): HeldWrites {
    return this.#held;
  }

  /** The work has ended: the session cannot be used after this. */
  end(): void {
    this.#ended = true;
  }

  /** Checks in the transaction what was assumed. Throws `Outdated` if it is not true. */
  async check(session: ClientSession): Promise<void> {
    const used = this.#used;
    const unused = this.#unused;
    this.#used = new Set();
    this.#unused = [];
    const [outdated, taken] = await Promise.all([
      used.size === 0 ? null : this.#parts.known.outdated(session, used),
      unused.length === 0 ? null : usedKeys(session, unused),
    ]);
    if ((outdated?.size ?? 0) + (taken?.size ?? 0) > 0) throw session.fail(new Outdated("What was known has changed."));
  }

  /** Sends the rest of it, for the commit to follow. */
  async finish(session: ClientSession): Promise<void> {
    this.end();
    const checked = this.check(session);
    checked.catch(() => undefined);
    // Later writes may name events by their numbers.
    await this.#written;
    this.#sendHeld(session);
    await checked;
  }

  /** Sends a statement after the checks and writes that come before it. */
  async #behind<T>(sql: string, send: (session: ClientSession) => Promise<T>): Promise<T> {
    this.#check();
    this.#connecting ??= this.#parts.connect();
    this.#session ??= await this.#connecting;
    const session = this.#session;
    const checked = this.check(session);
    checked.catch(() => undefined);
    if (!this.#held.isEmpty) {
      await this.#written;
      this.#sendHeld(session);
    }
    if (changesKnown(sql)) this.#changed = true;
    const [answer] = await Promise.all([send(session), checked]);
    return answer;
  }

  #sendHeld(session: ClientSession): void {
    if (this.#held.isEmpty) return;
    const held = this.#held;
    this.#held = new HeldWrites();
    const { box, node, after } = this.#parts;
    this.#written = sendWrites(session, box, node, [held]).then(() => {
      for (const claim of claimsOf(held)) after.handOver(claim);
    });
    // The session records the failure.
    this.#written.catch(() => undefined);
  }

  #check(): void {
    if (this.#ended) throw new Error("This transaction has ended: await everything it does inside its work.");
  }
}

/** Which of these idempotency keys have been used after all, each as `scope\0key`. */
export async function usedKeys(session: ClientSession, keys: readonly UnusedKey[]): Promise<ReadonlySet<string>> {
  const rows = await session.all(
    USED_KEYS,
    keys.map(({ scope }) => scope),
    keys.map(({ key }) => key),
    keys.map(({ since }) => since),
  );
  return new Set(rows.map(({ scope, key }) => placeOfKey({ scope: scope as string, key: key as string })));
}

export const placeOfKey = ({ scope, key }: Pick<UnusedKey, "scope" | "key">): string => `${scope}\0${key}`;
