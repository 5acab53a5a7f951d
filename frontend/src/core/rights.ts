import { api, take } from "./api";
import type { Schemas } from "./protocol";

export type ErasureRequest = Schemas["ErasureRequest"];

/** Everything about me that I may see, as one page to keep: a download. */
export const MY_COPY = "/api/rights/copy";
export const getMyErasures = () => take(api.GET("/api/rights/erasures"));
export const askErasure = (consultation: string) => take(api.POST("/api/rights/erasures", { body: { consultation } }));
export const certificateOf = (id: string) => `/api/rights/erasures/${id}/certificate`;
/** The same as a page to print. */
export const certificatePageOf = (id: string) => `${certificateOf(id)}/page`;
