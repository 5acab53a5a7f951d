import { useQuery } from "@tanstack/react-query";
import { api, take } from "@core/api";
import type { Schemas } from "@core/protocol";

export type Notices = Schemas["Notices"];

export const NOTICES = ["consultations", "notices"] as const;

/** Where my notices are, and how many are unread. Under "consultations", so that the doorbell asks again. */
export function useOwnNotices() {
  return useQuery({ queryKey: NOTICES, queryFn: () => take(api.GET("/api/notices")) });
}

export const chooseNotices = (opted_out: boolean) => take(api.PUT("/api/notices/opt-out", { body: { opted_out } }));
