/**
 * A condition on the number of a delivery, for whatever looks for pending ones: from the first partition that may hold any up
 * to the last number drawn. Else it would look into every partition for every endpoint, the next one, still empty, included.
 */
export const IN_PENDING_RANGE =
  "n BETWEEN (SELECT first FROM partitions WHERE NOT settled ORDER BY k LIMIT 1) AND (SELECT last_value FROM delivery_numbers)";
