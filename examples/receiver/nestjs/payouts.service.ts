import { Defer } from "@carabiner/receiver";
import { Inject, Injectable, type OnModuleInit } from "@nestjs/common";
import type { PoolClient } from "pg";
import { HOOKS, type Hooks } from "./receiver.ts";

@Injectable()
export class PayoutsService implements OnModuleInit {
  @Inject(HOOKS) private readonly hooks!: Hooks;

  onModuleInit(): void {
    this.hooks.connect.on("payout.failed", ({ data: { object: payout } }, { account, tx }) =>
      this.noteFailure(tx, account, payout.id, payout.failure_code ?? "unknown"),
    );
  }

  async noteFailure(tx: PoolClient, account: string, payout: string, code: string): Promise<void> {
    await tx.query("INSERT INTO failures (payout, account, code) VALUES ($1, $2, $3)", [payout, account, code]);
    const { rowCount } = await tx.query("UPDATE merchants SET failed_payouts = failed_payouts + 1 WHERE account = $1", [account]);
    // Undoes the insert, and tries again.
    if (rowCount === 0) throw new Defer("the merchant's row is not there yet", "2s");
  }
}
