import type { Pool } from "pg";
import type { ClaimRequest } from "../contract/claim-request.ts";
import type { Claim, ClaimToken, EndpointCheck, HotLane, Settlement } from "../contract/delivery-store.ts";
import type { ListenerClaim } from "../contract/listener-store.ts";
import type { RequestRow } from "../contract/rows.ts";
import type { Reads, Transaction } from "../contract/transaction.ts";
import { FewSlices, ManyRows } from "../pace.ts";
import type { SecretBox } from "../secret-box.ts";
import { type AccountPruneRequest, type PruneRequest, type Store, StoreUnavailable } from "../store.ts";
import { SERVER } from "../turns-by-owner.ts";
import { deleteDashboardSession, insertDashboardSession, noteSessionUse } from "./dashboard-sessions.ts";
import type { Session } from "./database/session.ts";
import { Slices } from "./database/slices.ts";
import { DueClaims } from "./deliveries/claim-due.ts";
import { HandedLeases } from "./deliveries/handed-leases.ts";
import { claimForListener } from "./deliveries/listeners.ts";
import { nextDueAt } from "./deliveries/next-due-at.ts";
import { handedReads } from "./deliveries/read-handed.ts";
import { endFailures, settle, settleAndCheck } from "./deliveries/settle.ts";
import { nextSuspect, releaseSuspects } from "./deliveries/suspects.ts";
import { takeOver } from "./deliveries/take-over.ts";
import type { UnderWayNotes } from "./deliveries/under-way-notes.ts";
import { type NodeChannel, notification, notify } from "./nodes/node-channel.ts";
import { beSeen, leave, type Node, takeOverGone } from "./nodes/nodes.ts";
import { PostgresReads } from "./postgres-reads.ts";
import { PostgresTransaction } from "./postgres-transaction.ts";
import { insertRequests } from "./request-rows.ts";
import type { PartitionRequest } from "./retention/keep-partitions.ts";
import { prune } from "./retention/prune.ts";
import { pruneAccount } from "./retention/prune-account.ts";
import { purge } from "./retention/purge.ts";
import { checkSchema } from "./schema/schema-mark.ts";
import { createStoredSecrets, followKeys } from "./secrets/stored-secrets.ts";
import { AfterCommit } from "./transactions/after-commit.ts";
import { HandOffs } from "./transactions/hand-offs.ts";
import { LateTransactions } from "./transactions/late-transactions.ts";
import { mergeMessages, NOTHING, type NodeMessage } from "./transactions/node-message.ts";
import { StatementSession } from "./transactions/statement-session.ts";
import { Taking } from "./transactions/taking.ts";
import { BEGIN, type Statement, Transactions } from "./transactions/transactions.ts";

/** The database's clock, which all nodes follow. */
const TIME = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now";

/** Before any node was seen: only nodes that have left are older. */
const LEFT_BEFORE = 1;

/** The parts of a PostgreSQL store. */
export interface PostgresParts {
  /** Connections to a database whose schema is up to date. */
  pool: Pool;
  /** How many connections the pool may open, and how many calls may wait for one. */
  connections: number;
  waiting: number;
  /** This node, as it reports itself. */
  self: Node;
  /** Its connection to the other nodes; `onMessage` gets their messages. */
  channelTo(onMessage: (news: NodeMessage) => void): NodeChannel;
  /** Its record of what is under way. */
  underWay: UnderWayNotes;
  /** How long other nodes may rely on its offer to take deliveries from them, milliseconds. */
  takesMs: number;
  partitionTimes: Pick<PartitionRequest, "partitionMs" | "waitMs" | "lookMs">;
  /** Seals the secrets. */
  box: SecretBox;
}

/** The store that several nodes share. It owns the pool, the channel and the record of what is under way. */
export function createPostgresStore({
  pool,
  connections,
  waiting,
  self,
  channelTo,
  underWay,
  takesMs,
  partitionTimes,
  box,
}: PostgresParts): Store {
  const { name: node } = self;
  const transactions = new Transactions({ pool, connections, waiting, explain: checkSchema });
  const line = channelTo(hear);
  const claims = new DueClaims({ transactions, box, node });
  const handOffs = new HandOffs(node);
  const taking = new Taking(node, takesMs);
  const handed = new HandedLeases({
    reads: handedReads({ transactions, box, node }),
    underWay,
    lane: () => lane,
    onRefused: refuse,
  });
  let lane: HotLane | null = null;
  let onTask: ((dueAt: number) => void) | null = null;
  let onOwed: ((endpointIds: readonly string[]) => void) | null = null;
  let claiming: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | null = null;

  /** Reports to the parts of this node what has become durable. */
  function tell(after: AfterCommit): void {
    for (const endpointId of after.changedEndpoints) handed.changed(endpointId);
    after.tell(lane, onTask, onOwed);
  }

  /** Runs work and, once it is durable, reports it. */
  async function telling<T>(
    begin: string,
    work: (session: Session, after: AfterCommit) => Promise<T>,
    // From settlements, other nodes need to know only that an endpoint is disabled: they find retries themselves. If
    // this node has no lane, other nodes send what it makes due.
    behind = (after: AfterCommit) => (lane === null || after.news(false).endpoints.length > 0 ? newsOf([after]) : null),
  ): Promise<T> {
    // Work may be rerun: first releases what an earlier run has reserved.
    let after = new AfterCommit(lane);
    try {
      const result = await transactions.run(
        begin,
        (session) => {
          after.release();
          after = new AfterCommit(lane);
          return work(session, after);
        },
        { behind: () => behind(after) },
      );
      tell(after);
      return result;
    } catch (error) {
      after.release();
      throw error;
    }
  }

  /** What others must learn of returned or taken-over work: listeners, and due deliveries if this node sends none. */
  function leftToOthers(after: AfterCommit): NodeMessage {
    const news = after.news(true);
    return lane === null ? news : { ...NOTHING, listeners: news.listeners };
  }

  /** The message to other nodes about transactions that share a commit; null if there is nothing to tell. */
  function newsOf(afters: readonly AfterCommit[]): Statement | null {
    const news = afters.map((after) => after.news(onTask !== null)).reduce(mergeMessages, NOTHING);
    if (news.handed.length > 0) handOffs.told();
    return notification(node, news);
  }

  /** Deliveries that other nodes had leased for this node are due again. */
  function refuse(claims: readonly Claim[]): void {
    const due = Math.min(...claims.map(({ dueAt }) => dueAt));
    lane?.due(due);
    const endpointIds = claims.map(({ endpoint }) => endpoint.id);
    void notify(transactions, node, { ...NOTHING, due, takes: taking.after(endpointIds, lane) });
  }

  /** Another node left work to do, or changed an endpoint. */
  function hear({ due, task, endpoints, listeners, handed: marks, takes }: NodeMessage): void {
    if (takes !== null) handOffs.hear(takes);
    const own = marks.flatMap(([to, mark]) => (to === node ? [mark] : []));
    if (own.length > 0) handed.hear(own);
    for (const endpointId of endpoints) {
      handed.changed(endpointId);
      lane?.changed(endpointId);
    }
    if (due !== null) lane?.due(due);
    if (task !== null) onTask?.(task);
    if (listeners.length > 0) onOwed?.(listeners);
  }

  const late = new LateTransactions({
    transactions,
    box,
    node,
    newAfter: () => new AfterCommit(lane, handOffs),
    newsOf,
    onCommit: tell,
  });

  const slices = new Slices();

  /** Runs work that only reads. If it examines many rows, it runs again in slices, each a separate transaction. */
  async function readInSlices<T>(work: (reads: Reads) => Promise<T>, client = SERVER): Promise<T> {
    try {
      return await late.read((session) => work(new PostgresReads(session, box, new FewSlices())), client);
    } catch (error) {
      if (!(error instanceof ManyRows)) throw error;
      return work(new PostgresReads(new StatementSession(transactions, late, client), box, slices));
    }
  }

  return {
    backUp: null,
    secrets: createStoredSecrets(transactions, box),
    listeners: {
      claim: (request: ListenerClaim) => transactions.run(BEGIN.committed, (session) => claimForListener(session, box, request, node)),
      onOwed(listener) {
        onOwed = listener;
      },
    },
    requests: {
      insert: (rows: readonly RequestRow[]) => insertRequests(transactions, rows),
    },
    sessions: {
      insert: (row, ended) => transactions.run(BEGIN.committed, (session) => insertDashboardSession(session, row, ended)),
      noteUse: (hash, at) => transactions.run(BEGIN.committed, (session) => noteSessionUse(session, hash, at)),
      delete: (hash) => transactions.run(BEGIN.committed, (session) => deleteDashboardSession(session, hash)),
    },
    transaction: <T>(work: (tx: Transaction) => Promise<T>, client?: string) =>
      late.write((session, after) => work(new PostgresTransaction(session, box, after)), client),
    read: <T>(work: (reads: Reads) => Promise<T>, client?: string) => readInSlices(work, client),
    claimDue(request: ClaimRequest) {
      // One at a time, because two claims of one node would skip each other's rows.
      const claimed = claiming.then(() => claims.claimDue(request));
      claiming = claimed.catch(() => undefined);
      return claimed;
    },
    async settle(settlements: readonly Settlement[], checks: readonly EndpointCheck[]) {
      if (checks.length > 0) {
        const settled = await telling(BEGIN.committed, (session, after) => settleAndCheck(session, box, after, settlements, checks));
        handed.settled(settlements.map(({ token }) => token));
        return settled;
      }
      const after = new AfterCommit(lane);
      const { refused, succeeded } = await settle(transactions, after, settlements);
      handed.settled(settlements.map(({ token }) => token));
      tell(after);
      await notify(transactions, node, leftToOthers(after));
      if (succeeded.endpointIds.length === 0) return { refused };
      return { refused, checked: await telling(BEGIN.committed, (session, news) => endFailures(session, box, news, succeeded)) };
    },
    nextDueAt: (except) => nextDueAt(transactions, except),
    nextTaskAt: async () => {
      const [row] = await transactions.ask(BEGIN.looking, "SELECT min(due_at) AS due_at FROM tasks");
      return (row?.due_at ?? null) as number | null;
    },
    onTask(listener) {
      onTask = listener;
    },
    noteUnderWay(begun: readonly ClaimToken[], settled: readonly ClaimToken[]) {
      underWay.settled(settled);
      return begun.length === 0 ? null : underWay.begin(begun);
    },
    releaseLeases: (now: number) =>
      telling(BEGIN.committed, async (session, after) => {
        const own = await takeOver(session, after, { now, nodes: [node], by: node });
        const left = await takeOverGone(session, after, { now, goneBefore: LEFT_BEFORE, by: node });
        return {
          released: own.released + left.released,
          underWay: own.underWay + left.underWay,
          suspects: Math.max(own.suspects, left.suspects),
          quarantined: [...own.quarantined, ...left.quarantined],
        };
      }),
    async beat(now: number, goneBefore: number) {
      const [taken] = await Promise.all([
        telling(
          BEGIN.committed,
          async (session, after) => {
            await checkSchema(session);
            await followKeys(session, box);
            await beSeen(session, self, now, box.current);
            // Any node that sends may take over from a node that announced its departure, at any time.
            const before = lane === null ? goneBefore : Math.max(goneBefore, LEFT_BEFORE);
            return takeOverGone(session, after, { now, goneBefore: before, by: node });
          },
          (after) => notification(node, { ...leftToOthers(after), takes: taking.at(now, lane) }),
        ),
        line.keep(),
      ]);
      handed.look();
      return taken;
    },
    nextSuspect: (request: Pick<ClaimRequest, "now" | "leaseMs">) =>
      transactions.run(BEGIN.committed, (session) => nextSuspect(session, box, request, node)),
    releaseSuspects: () => telling(BEGIN.committed, (session, after) => releaseSuspects(session, after, node)),
    sharedTime: () => transactions.ask(BEGIN.looking, TIME).then(([row]) => row?.now as number),
    purge: () => purge(pool),
    pruneAccount: (request: AccountPruneRequest) => transactions.run(BEGIN.committed, (session) => pruneAccount(session, request)),
    prune: (request: PruneRequest) => prune(transactions, { ...request, ...partitionTimes }),
    attach(to: HotLane | null) {
      lane = to;
      if (to === null) void notify(transactions, node, { ...NOTHING, takes: taking.after([], null) });
    },
    async close() {
      closing ??= (async () => {
        await late.close();
        await line.close();
        // The deliveries that other nodes have leased for this node since its engine stopped.
        await handed.end();
        await underWay.close();
        // If this fails, the other nodes notice that this node has gone.
        await transactions
          .run(BEGIN.committed, (session) => leave(session, node))
          .catch((error: unknown) => {
            if (!(error instanceof StoreUnavailable)) throw error;
          });
        await transactions.close();
      })();
      await closing;
    },
  };
}
