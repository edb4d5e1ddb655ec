import { startChild } from "./child.ts";
import type { PayoutDay } from "./payout-day.ts";
import type { Report } from "./report.ts";

const ACCOUNTS = [1_000, 10_000, 100_000];

/**
 * A day of automatic payouts on one SQLite file, with more and more connected accounts that are paid daily: what it
 * costs for each account, and how long a read takes afterwards. Neither should grow with the number of accounts.
 */
export async function automaticPayouts(): Promise<Report[]> {
  const reports: Report[] = [];
  for (const accounts of ACCOUNTS) {
    const { child, hello } = await startChild<PayoutDay>("./payout-day.ts", [String(accounts)]);
    await child.stop();
    const settings = `${accounts.toLocaleString("en")} connected accounts, one SQLite file, synchronous=FULL, no endpoints`;
    const figures: [string, number, string][] = [
      ["payout made, submitted", hello.day.us, "µs/account"],
      ["… the process busy", hello.day.cpuUs, "µs/account"],
      ["payout arrives", hello.arrival.us, "µs/account"],
      ["… the process busy", hello.arrival.cpuUs, "µs/account"],
      ["list payouts", hello.list.ms, "ms"],
      ["… the process busy", hello.list.cpuMs, "ms"],
      ["retrieve payout", hello.retrieve.ms, "ms"],
      ["… the process busy", hello.retrieve.cpuMs, "ms"],
      ["list accounts", hello.accounts.ms, "ms"],
      ["… the process busy", hello.accounts.cpuMs, "ms"],
    ];
    for (const [name, ours, unit] of figures) reports.push({ name, ours, bare: null, ratio: null, reach: null, unit, settings });
  }
  return reports;
}
