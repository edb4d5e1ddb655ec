-- The app's own tables, in the inbox's database. Each recipe writes to them in the transaction that notes the event as handled.
CREATE TABLE merchants (account text PRIMARY KEY, failed_payouts integer NOT NULL DEFAULT 0);
CREATE TABLE failures (payout text PRIMARY KEY, account text NOT NULL, code text NOT NULL);
