import { quickly } from "./quickly.ts";

quickly([13, 14, 15, 16, 17, 19, 20]);
