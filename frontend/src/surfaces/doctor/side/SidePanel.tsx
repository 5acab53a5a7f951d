import { useState } from "react";
import { MessagesSquare } from "lucide-react";
import { useQueryClient } from "@tanstack/react-query";
import type { ConsultationDetail } from "@core/consultations";
import { codedFrom } from "@core/errors";
import { newClientId } from "@core/ids";
import type { CodedError } from "@core/protocol";
import { Button } from "@ui/Button";
import { useLive } from "@ui/live";
import { EmptyState, ErrorState, Fetched } from "@ui/states";
import { useT } from "../words";
import { SideThread } from "./SideThread";
import { useSide } from "./useSides";

/** The discussion beside the conversation, or the way to begin one. */
export function SidePanel({ detail, onCite }: { detail: ConsultationDetail; onCite: (words: string) => void }) {
  const side = useSide(detail.id, detail.side !== null);
  const active = detail.state === "active";
  if (detail.side === null) return <Begin detail={detail} />;
  return <Fetched query={side}>{(found) => (found ? <SideThread key={found.id} side={found} onCite={active ? onCite : undefined} /> : <Begin detail={detail} />)}</Fetched>;
}

function Begin({ detail }: { detail: ConsultationDetail }) {
  const t = useT();
  const { socket } = useLive();
  const queries = useQueryClient();
  const [client_id] = useState(newClientId); // the same at every try
  const [failure, setFailure] = useState<CodedError | null>(null);
  const [pending, setPending] = useState(false);
  const begin = async () => {
    setPending(true);
    try {
      await socket.request({ type: "side.open", consultation: detail.id, client_id });
      await queries.invalidateQueries({ queryKey: ["consultation", detail.id] });
    } catch (error) {
      setFailure(codedFrom(error));
    }
    setPending(false);
  };
  if (detail.state !== "active") return <EmptyState icon={MessagesSquare} title={t("d.side.none")} />;
  return (
    <>
      {failure && <ErrorState error={failure} />}
      <EmptyState
        icon={MessagesSquare}
        title={t("d.side.begin.title")}
        action={
          <Button variant="primary" pending={pending} onClick={() => void begin()} data-testid="d.side.open">
            {t("d.side.begin")}
          </Button>
        }
      >
        {t("d.side.begin.what")}
      </EmptyState>
    </>
  );
}
