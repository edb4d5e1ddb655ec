/** The accounts of an answer: the one whose key asked, the one it acted for, and the one it shows. */
export const OF_ANSWER = "split_part(scope, '/', 1), split_part(scope, '/', 2), about";

/** Whether one of these accounts was erased: an SQL condition. */
export const isErased = (accounts: string): string => `EXISTS (${erasedOf(accounts)})`;

/**
 * Whether one of them went with an erasure, which a parameter names. Thousands may have: OFFSET holds PostgreSQL to the
 * index of accounts.
 */
export const isErasedBy = (erasure: string, accounts: string): string =>
  `EXISTS (SELECT FROM (${erasedOf(accounts)} OFFSET 0) gone WHERE gone.erasure = ${erasure})`;

const erasedOf = (accounts: string): string => `SELECT erasure FROM erased_accounts gone WHERE gone.account_id = ANY(ARRAY[${accounts}])`;
