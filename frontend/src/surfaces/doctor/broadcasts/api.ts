import { useQuery } from "@tanstack/react-query";
import { api, take } from "@core/api";
import type { Schemas } from "@core/protocol";

export type Cohort = Schemas["CohortRow"];
export type Broadcast = Schemas["BroadcastRow"];
export type Recipient = Schemas["RecipientRow"];
export type RecipientState = Recipient["state"];
export type NewBroadcast = Schemas["NewBroadcast"];

export const STATES: readonly RecipientState[] = ["waiting", "sent", "read", "opted_out", "failed"];
export const TITLE_CHARS = 60;
export const TEXT_CHARS = 2000;

const WATCHED_MS = 2_000;
const QUIET_MS = 10_000;
const at = (broadcast_id: string) => ({ path: { broadcast_id } });

export const totalOf = ({ counts }: Broadcast): number => STATES.reduce((sum, state) => sum + counts[state], 0);
const interval = (all: readonly Broadcast[]) => (all.some((one) => one.state === "sending") ? WATCHED_MS : QUIET_MS);

export const useCohorts = () => useQuery({ queryKey: ["cohorts"], queryFn: () => take(api.GET("/api/cohorts")), staleTime: 0 });

/** One's own, newest first; the counts move by themselves while something is being sent. */
export const useBroadcasts = () =>
  useQuery({ queryKey: ["broadcasts"], queryFn: () => take(api.GET("/api/broadcasts")), refetchInterval: ({ state }) => interval(state.data ?? []) });

export const useBroadcast = (id: string) =>
  useQuery({
    queryKey: ["broadcast", id],
    queryFn: () => take(api.GET("/api/broadcasts/{broadcast_id}", { params: at(id) })),
    refetchInterval: ({ state }) => interval(state.data ? [state.data] : []),
  });

export const useRecipients = (id: string, state: RecipientState | null, page: number, watched: boolean) =>
  useQuery({
    queryKey: ["broadcast", id, "recipients", state, page],
    queryFn: () => take(api.GET("/api/broadcasts/{broadcast_id}/recipients", { params: { ...at(id), query: state ? { state, page } : { page } } })),
    placeholderData: (before) => before,
    refetchInterval: watched ? WATCHED_MS : QUIET_MS,
  });

export const compose = (body: NewBroadcast) => take(api.POST("/api/broadcasts", { body }));
export const stopBroadcast = (id: string) => take(api.POST("/api/broadcasts/{broadcast_id}/stop", { params: at(id) }));
