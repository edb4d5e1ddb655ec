/**
 * A condition on the number of a delivery, for queries of pending ones: from the first partition that may have any up
 * to the last number drawn. Otherwise a query would visit every partition, even the empty next one, for every endpoint.
 */
export const IN_PENDING_RANGE =
  "n BETWEEN (SELECT first FROM partitions WHERE NOT settled ORDER BY k LIMIT 1) AND (SELECT last_value FROM delivery_numbers)";
