import { createContext, useContext } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { annotate, listAnnotations, removeAnnotation, type Annotation, type Grant, type NewAnnotation } from "./api";

/** Where something stands in an open case: an act of a thread, or a recording. */
export type Spot = { part: "conversation" | "discussion"; seq: number } | { part: "transcripts"; recording: string };

/** What the reader of a case does in it beside reading. */
export interface CaseWork {
  annotations: readonly Annotation[];
  /** Why the notes could not be loaded, or the last change not kept. */
  error: unknown;
  pending: boolean;
  add: (wish: NewAnnotation) => Promise<unknown>;
  remove: (id: number) => void;
  retry: () => void;
  go: (spot: Spot) => void;
}

const IDLE: CaseWork = { annotations: [], error: null, pending: false, add: () => Promise.resolve(), remove: () => undefined, retry: () => undefined, go: () => undefined };

export const CaseWorkOf = createContext<CaseWork>(IDLE);
export const useCaseWork = () => useContext(CaseWorkOf);

/** Notes and bookmarks as the server has them: each is an act in the ledger, so nothing is shown that was not kept. */
export function useAnnotations(grant: Grant, go: CaseWork["go"]): CaseWork {
  const client = useQueryClient();
  const queryKey = ["content", grant.id, "annotations"];
  const query = useQuery({ queryKey, queryFn: () => listAnnotations(grant.id), enabled: grant.content.includes("conversation"), staleTime: Infinity, gcTime: 0 });
  const again = () => client.invalidateQueries({ queryKey });
  const adding = useMutation({ mutationFn: (wish: NewAnnotation) => annotate(grant.id, wish), onSuccess: again });
  const removing = useMutation({ mutationFn: (id: number) => removeAnnotation(grant.id, id), onSuccess: again });
  return {
    annotations: query.data ?? [],
    error: adding.error ?? removing.error ?? query.error,
    pending: adding.isPending || removing.isPending,
    add: adding.mutateAsync,
    remove: removing.mutate,
    retry: () => void query.refetch(),
    go,
  };
}

/** What stands at one act. */
export function annotationsAt(all: readonly Annotation[], part: Annotation["part"], seq: number): { bookmark: Annotation | undefined; notes: Annotation[] } {
  const here = all.filter((one) => one.part === part && one.seq === seq);
  return { bookmark: here.find((one) => one.kind === "bookmarked"), notes: here.filter((one) => one.kind === "noted") };
}
