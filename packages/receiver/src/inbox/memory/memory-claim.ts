import type { Claim, InboxEvent, Mark } from "../inbox.ts";
import type { Work } from "./kept-work.ts";

/** A claim that knows its work, so that ending it needs no search. */
export class MemoryClaim implements Claim {
  readonly number: number;
  readonly handler: string;
  readonly fence: number;
  readonly leaseUntil: number;
  readonly attempt: number;
  readonly order: Claim["order"];
  readonly orderKey: string;
  readonly forced: boolean;
  readonly event: InboxEvent;
  readonly mark: Mark | null;
  readonly newerWaits: boolean;
  readonly accountLeftAt: number | null;
  readonly #work: Work;

  /** Makes the claim of work that was just leased. */
  constructor(work: Work, event: InboxEvent, { mark, newerWaits, accountLeftAt }: Pick<Claim, "mark" | "newerWaits" | "accountLeftAt">) {
    this.number = work.kept.number;
    this.handler = work.handler;
    this.fence = work.fence;
    this.leaseUntil = work.leaseUntil;
    this.attempt = work.attempts;
    this.order = work.order;
    this.orderKey = work.orderKey;
    this.forced = work.forced;
    this.event = event;
    this.mark = mark;
    this.newerWaits = newerWaits;
    this.accountLeftAt = accountLeftAt;
    this.#work = work;
  }

  /** The work of a claim; null for a copy of a claim. */
  static workOf(claim: Claim): Work | null {
    return #work in claim ? claim.#work : null;
  }
}
