import type { Reads } from "../../src/store/contract/transaction.ts";

/**
 * What a version before kept in clear, for tests of both stores: a distinct secret in each place that is sealed now,
 * and as SQL that both understand.
 */

const canary = (place: string): string => `clear-${place}-0123456789abcdef`;

/** Every secret that is in the rows below. */
export const CLEAR = ["url", "secret", "rolled", "redirect", "return", "refresh", "session", "answer", "fingerprint"].map(canary);

const URL = `https://example.com/hook?token=${canary("url")}`;
const SECRETS = JSON.stringify([
  { secret: canary("secret"), expiresAt: null },
  { secret: canary("rolled"), expiresAt: 9_000_000_000_000 },
]);
const REDIRECTS = JSON.stringify([`https://example.com/back?token=${canary("redirect")}`]);
const LINK = JSON.stringify({ returnUrl: `https://a?${canary("return")}`, refreshUrl: `https://a?${canary("refresh")}` });
const SESSION = JSON.stringify({ returnUrl: `https://a?${canary("session")}` });
const ANSWER = JSON.stringify({ secret: canary("answer") });

/** How many values these rows have to seal, when there are so many answers. */
export const valuesToSeal = (answers: number): number => 6 + answers;

/**
 * The rows, as insertions into the tables of a version before. `yes` and `no` are how it writes a boolean; `owner` a
 * column that one store has more.
 */
export function clearRows({ yes, no, owner }: { yes: string; no: string; owner: boolean }, answers: number): string[] {
  const answer = (n: number) => `('acct_1/acct_1/test', 'key ${n}', 'f', 200, '${ANSWER}', 'req_1', 1)`;
  return [
    `INSERT INTO accounts VALUES ('acct_1', 1, '2026-01-28.clover', ${no}, '{}')`,
    `INSERT INTO endpoints (id, account_id, livemode, connect, url, enabled_events, api_version, description, metadata, status,
       disabled_reason, secrets, created, deleted, first_failure_at${owner ? ", owner" : ""})
     VALUES ('we_1', 'acct_1', ${no}, ${yes}, '${URL}', '["*"]', NULL, NULL, '{}', 'enabled', NULL, '${SECRETS}', 1, ${no}, NULL${owner ? ", 1" : ""})`,
    `INSERT INTO applications VALUES ('ca_1', 'acct_1', ${no}, 'One', '${REDIRECTS}')`,
    `INSERT INTO objects VALUES ('link', 'account_link', 'acct_1', ${no}, NULL, 1, '${LINK}'),
       ('session', 'page_session', 'acct_1', ${no}, NULL, 1, '${SESSION}'), ('cus_1', 'customer', 'acct_1', ${no}, NULL, 1, '{"name":"Jenny"}')`,
    ...Array.from({ length: Math.ceil(answers / 500) }, (_, batch) => {
      const rows = Array.from({ length: Math.min(500, answers - batch * 500) }, (__, n) => answer(batch * 500 + n));
      return `INSERT INTO idempotent_answers (scope, key, fingerprint, status, body, request_id, created) VALUES ${rows.join(", ")}`;
    }),
    `INSERT INTO settings VALUES ('fingerprint_key', '"${canary("fingerprint")}"'), ('purpose', '"serve"')`,
  ];
}

/** What is read of them, once they are sealed. */
export async function readSealed(reads: Reads): Promise<unknown> {
  const endpoint = await reads.endpoint("we_1");
  return {
    url: endpoint?.url,
    secrets: endpoint?.secrets,
    redirects: (await reads.applicationById("ca_1"))?.redirectUris,
    link: (await reads.object("link"))?.data,
    session: (await reads.object("session"))?.data,
    customer: (await reads.object("cus_1"))?.data,
    answer: (await reads.idempotentAnswer("acct_1/acct_1/test", "key 0", 0))?.body,
    fingerprint: await reads.setting("fingerprint_key"),
    purpose: await reads.setting("purpose"),
  };
}

/** What that must be. */
export const AS_WRITTEN = {
  url: URL,
  secrets: JSON.parse(SECRETS) as unknown,
  redirects: JSON.parse(REDIRECTS) as unknown,
  link: JSON.parse(LINK) as unknown,
  session: JSON.parse(SESSION) as unknown,
  customer: { name: "Jenny" },
  answer: ANSWER,
  fingerprint: canary("fingerprint"),
  purpose: "serve",
};
