import { quickly } from "./quickly.ts";

quickly([18, 25, 26, 27]);
