import { useEffect } from "react";
import { CalendarClock, TriangleAlert, X } from "lucide-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { cancelScheduled, getScheduled, type ScheduledItem } from "@core/scheduled";
import { Button } from "@ui/Button";
import { useLive } from "@ui/live";
import { languageOf } from "@ui/names";
import { useLocale } from "@ui/settings";
import { useT } from "../words";
import { toastError } from "@ui/toastError";

/** Times that passed without a bell heal at this pace, ms. */
const AGAIN_MS = 60_000;

/** Over the box: what will be sent later, and what could not be. What was sent stands in the conversation. */
export function ScheduledList({ consultation }: { consultation: string }) {
  const t = useT();
  const { socket } = useLive();
  const queries = useQueryClient();
  const scheduled = useQuery({ queryKey: ["scheduled", consultation], queryFn: () => getScheduled(consultation), refetchInterval: AGAIN_MS });
  useEffect(
    () =>
      socket.on("timeline", (frame) => {
        if (frame.consultation === consultation) void queries.invalidateQueries({ queryKey: ["scheduled", consultation] });
      }),
    [socket, queries, consultation],
  );
  const items = (scheduled.data ?? []).filter((item) => item.state === "waiting" || item.state === "failed");
  if (items.length === 0) return null;
  return (
    <ul className="d-scheduled" aria-label={t("d.scheduled")} data-testid="d.scheduled">
      {items.map((item) => (
        <Item key={item.id} item={item} />
      ))}
    </ul>
  );
}

function Item({ item }: { item: ScheduledItem }) {
  const t = useT();
  const locale = useLocale();
  const queries = useQueryClient();
  const cancelling = useMutation({
    mutationFn: () => cancelScheduled(item.id),
    onError: toastError,
    onSettled: () => void queries.invalidateQueries({ queryKey: ["scheduled", item.consultation] }),
  });
  const failed = item.state === "failed";
  const Icon = failed ? TriangleAlert : CalendarClock;
  const when = t(failed ? "d.scheduled.failed" : "d.scheduled.waiting", { time: dateTime(parseTime(item.at), locale) });
  return (
    <li data-state={item.state} data-testid="d.scheduled.item">
      <Icon size={18} aria-hidden />
      <span className="d-scheduled-words" lang={languageOf(item.text)}>
        {item.text}
      </span>
      <span className="meta">
        {when}
        {item.failure && ` · ${inLocale(item.failure.message, locale)}`}
      </span>
      <Button size="small" variant="quiet" icon={X} pending={cancelling.isPending} onClick={() => cancelling.mutate()} data-testid="d.scheduled.cancel">
        {t(failed ? "d.scheduled.dismiss" : "d.scheduled.cancel")}
      </Button>
    </li>
  );
}
