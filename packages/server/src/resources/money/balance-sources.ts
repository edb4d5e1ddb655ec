import type { JsonObject, ObjectRow } from "../../store/store.ts";
import type { OperationContext } from "../operation.ts";

/** How each kind of object that a balance transaction can come from is shown, by its row's `object`. */
type Renderers = Readonly<Record<string, (row: ObjectRow, context: OperationContext) => Promise<JsonObject> | JsonObject>>;

export const balanceSources: Renderers = {};
