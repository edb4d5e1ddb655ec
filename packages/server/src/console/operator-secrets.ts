import { type OperatorCall, operatorCall } from "../operations/operator-call.ts";
import { params } from "../operations/parameters.ts";

/** The keys that seal secrets, by id, and how many secrets each has sealed. */
export const operatorSecrets: OperatorCall = operatorCall({
  method: "GET",
  path: "/operator/secrets",
  params: params({}),
  async run({ store }) {
    const [current, counts] = [store.secrets.ids()[0], await store.secrets.count()];
    const keys = store.secrets.ids().map((id) => ({ id, current: id === current, values: counts.get(id) ?? 0 }));
    return { object: "sealing_keys", keys };
  },
});
