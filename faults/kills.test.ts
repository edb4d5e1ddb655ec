import { quickly } from "./quickly.ts";

quickly([1, 2, 24]);
