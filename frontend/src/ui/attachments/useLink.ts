import { useEffect, useState, type RefObject } from "react";
import { useQuery } from "@tanstack/react-query";
import { api, take } from "@core/api";

/** A link lives ten minutes; it is renewed before it ends while it is drawn. */
const FRESH_MS = 8 * 60_000;

export interface Place {
  thread: string;
  id: string;
}

/** The address of an attachment's bytes for this person and session; asked for once it is `wanted`. `renew` fetches another one. */
export function useLink({ thread, id }: Place, size: "full" | "thumb", { wanted = true, lasting = false } = {}) {
  const { data, isError, refetch } = useQuery({
    queryKey: ["attachment", thread, id, size],
    queryFn: () =>
      take(
        api.GET("/api/consultations/{consultation_id}/attachments/{attachment_id}/link", {
          params: { path: { consultation_id: thread, attachment_id: id }, query: { size } },
        }),
      ),
    enabled: wanted,
    staleTime: FRESH_MS,
    refetchInterval: lasting ? FRESH_MS : false,
    refetchOnWindowFocus: lasting,
  });
  return { url: data?.url ?? null, failed: isError, renew: () => void refetch() };
}

/** True once an element has come near the screen: what nobody scrolls to is not asked for. */
export function useNear(element: RefObject<Element | null>): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (near || !element.current) return;
    const watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && setNear(true), { rootMargin: "400px" });
    watch.observe(element.current);
    return () => watch.disconnect();
  }, [element, near]);
  return near;
}
