import { integer, pgTable, text } from "drizzle-orm/pg-core";

export const merchants = pgTable("merchants", {
  account: text().primaryKey(),
  failedPayouts: integer("failed_payouts").notNull().default(0),
});

export const failures = pgTable("failures", {
  payout: text().primaryKey(),
  account: text().notNull(),
  code: text().notNull(),
});
