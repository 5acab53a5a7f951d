import { api, take } from "./api";
import type { Schemas } from "./protocol";

export type Look = Schemas["Look"];

/** Who opened my record, newest first. */
export const getLooksAtMe = () => take(api.GET("/api/charts/me/access"));
