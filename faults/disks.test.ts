import { quickly } from "./quickly.ts";

quickly([7, 8]);
