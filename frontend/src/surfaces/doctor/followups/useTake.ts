import { useMutation, useQueryClient } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import { takeFollowUp } from "@core/recordings";
import { toast } from "@ui/announce";
import { errorText } from "@ui/states";
import { useT } from "../words";

/** Takes over a call of somebody who has left. When a colleague was faster, says so and shows the list as it is. */
export function useTake() {
  const t = useT();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: takeFollowUp,
    onSuccess: () => toast(t("d.followup.taken")),
    onError: (error) => toast(errorText(codedFrom(error))),
    onSettled: () => {
      for (const key of ["followups", "chart", "patients"]) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
}
