import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "@ui/router";
import { codedFrom } from "@core/errors";
import { toast } from "@ui/announce";
import { useLive } from "@ui/live";
import { errorText } from "@ui/states";
import { useT } from "../words";

/** Takes a waiting consultation and opens it. When a colleague was faster, says so without blame and shows the queue as it is. */
export function useClaim() {
  const t = useT();
  const { socket } = useLive();
  const queries = useQueryClient();
  const [, go] = useLocation();
  return useMutation({
    mutationFn: (consultation: string) => socket.request({ type: "consultation.claim", consultation }),
    onSuccess: (_, consultation) => go(`/c/${consultation}`),
    onError: (error) => {
      const coded = codedFrom(error);
      toast(coded.code === "consultation.taken" ? t("d.claim.taken") : errorText(coded));
    },
    onSettled: (_, __, consultation) => {
      void queries.invalidateQueries({ queryKey: ["queue"] });
      void queries.invalidateQueries({ queryKey: ["consultation", consultation] });
    },
  });
}
