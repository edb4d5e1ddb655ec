/** The accounts of an answer: the one whose key asked, the one that it acted for, and the one that it shows. */
export const OF_ANSWER = "split_part(scope, '/', 1), split_part(scope, '/', 2), about";

/** An SQL condition: whether one of these accounts was erased. */
export const isErased = (accounts: string): string => `EXISTS (${erasedOf(accounts)})`;

/**
 * Whether one of them was erased as part of the erasure in a parameter. That may have thousands of accounts: OFFSET
 * makes PostgreSQL use the index of accounts.
 */
export const isErasedBy = (erasure: string, accounts: string): string =>
  `EXISTS (SELECT FROM (${erasedOf(accounts)} OFFSET 0) gone WHERE gone.erasure = ${erasure})`;

const erasedOf = (accounts: string): string => `SELECT erasure FROM erased_accounts gone WHERE gone.account_id = ANY(ARRAY[${accounts}])`;
