import { type OperatorCall, operatorCall } from "../operations/operator-call.ts";
import { flag, lifetime, listAnswer, optional, params, text } from "../operations/parameters.ts";
import { addOperator, operatorAnswer, revokeOperator } from "../resources/platforms/manage-operators.ts";

/**
 * The people who run the server. Only someone who can reach the data itself adds and revokes operators, so that a
 * leaked key cannot make another one.
 */
export const operators: readonly OperatorCall[] = [
  operatorCall({
    method: "GET",
    path: "/operator/operators",
    params: params({}),
    run: ({ store, now }) =>
      store.read(async (reads) => {
        const rows = await reads.operators();
        return listAnswer(
          "/operator/operators",
          rows.map((row) => operatorAnswer(row, now)),
          false,
        );
      }),
  }),
  operatorCall({
    method: "POST",
    path: "/operator/operators",
    localOnly: true,
    params: params({
      /** Seconds until the key expires; without this, it never expires. */
      expires_in: optional(lifetime()),
      name: text(200),
      read_only: optional(flag()),
    }),
    run: ({ store, by, from, now, ids, limits }, { name, read_only: readOnly = false, expires_in: expiresIn }) => {
      const expiresAt = expiresIn === undefined ? null : now + expiresIn * 1_000;
      return store.transaction((tx) => addOperator(tx, { name, readOnly, expiresAt }, { by, from, now, ids, limits }));
    },
  }),
  operatorCall({
    method: "POST",
    path: "/operator/operators/:operator/revoke",
    localOnly: true,
    params: params({}),
    run: ({ store, by, from, now, limits }, _, { operator = "" }) =>
      store.transaction((tx) => revokeOperator(tx, operator, { by, from, now, limits })),
  }),
];
