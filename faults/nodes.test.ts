import { quickly } from "./quickly.ts";

quickly([9, 10, 12, 21]);
