/** The accounts of an answer: the one whose key asked, the one it acted for, and the one it shows. */
export const OF_ANSWER = "split_part(scope, '/', 1), split_part(scope, '/', 2), about";

/** Whether one of these accounts was erased: an SQL condition. */
export const isErased = (accounts: string, also = ""): string =>
  `EXISTS (SELECT FROM erased_accounts gone WHERE gone.account_id = ANY(ARRAY[${accounts}])${also})`;
