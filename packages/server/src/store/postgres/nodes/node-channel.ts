import type pg from "pg";
import { StoreUnavailable } from "../../store.ts";
import { clientThatGivesUp } from "../database/database-client.ts";
import { decodeMessage, encodeMessage, type NodeMessage, saysSomething } from "../transactions/node-message.ts";
import { BEGIN, type Statement, type Transactions } from "../transactions/transactions.ts";

/** The channel between nodes. */
const CHANNEL = "carabiner";

const NOTIFY = "SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload";

/** The statement that sends a node's message to the others; null if the message says nothing. */
export function notification(node: string, news: NodeMessage): Statement | null {
  if (!saysSomething(news)) return null;
  return { name: "notify", text: NOTIFY, values: [CHANNEL, encodeMessage(node, news)] };
}

/** Sends a message without a commit. An unavailable database does not receive it. */
export async function notify(transactions: Transactions, node: string, news: NodeMessage): Promise<void> {
  if (!saysSomething(news)) return;
  try {
    await transactions.ask(BEGIN.committed, NOTIFY, CHANNEL, encodeMessage(node, news));
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}

export interface NodeChannelOptions {
  url: string;
  node: string;
  /** How long to wait for a connection, and for an answer on it, milliseconds. */
  connectMs: number;
  answerMs: number;
  /** How long closing the connection may take, milliseconds. */
  endMs: number;
  /** Receives the messages of other nodes. */
  onMessage(news: NodeMessage): void;
}

/**
 * The connection on which a node hears from the others. While it is down, only time is lost: every node also polls the
 * database. `keep` opens it; the caller calls that every few seconds.
 */
export class NodeChannel {
  readonly #options: NodeChannelOptions;
  #client: pg.Client | null = null;
  #closed = false;

  constructor(options: NodeChannelOptions) {
    this.#options = options;
  }

  /**
   * Makes sure that there is a connection and that it answers. Replaces a connection whose other end has disappeared
   * silently. Resolves with whether there is one now.
   */
  async keep(): Promise<boolean> {
    if (this.#closed) return false;
    const client = this.#client;
    try {
      if (client === null) await this.#open();
      else await client.query("SELECT 1");
      return true;
    } catch {
      // After any error, the next call opens another connection.
      this.#drop(client ?? this.#client);
      return false;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = this.#client;
    this.#client = null;
    await client?.end();
  }

  async #open(): Promise<void> {
    const { url, node, connectMs, answerMs, endMs, onMessage } = this.#options;
    const client = new (clientThatGivesUp({ answerMs, endMs }))({
      connectionString: url,
      connectionTimeoutMillis: connectMs,
      keepAlive: true,
      application_name: "carabiner line",
    });
    client.on("error", () => this.#drop(client));
    client.on("notification", ({ payload }) => {
      const news = decodeMessage(node, payload ?? "");
      if (news !== null) onMessage(news);
    });
    this.#client = client;
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
    if (this.#closed) await client.end();
  }

  #drop(client: pg.Client | null): void {
    if (client === null) return;
    if (this.#client === client) this.#client = null;
    client.connection.stream.destroy();
  }
}
