import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import { getSession, saveNeeds, type Need, type Session } from "@core/session";
import { toast } from "@ui/announce";
import { Checkbox, CheckboxGroup } from "@ui/fields";
import { ErrorState, Fetched } from "@ui/states";
import { useT } from "./pages/words";

const NEEDS: readonly Need[] = ["hearing", "sight", "interpreter", "helper"];
const KEY = ["session-needs"];

/** What a doctor should consider when talking with me; they see it before they call. */
export default function NeedsChoice() {
  const t = useT();
  const queries = useQueryClient();
  const session = useQuery({ queryKey: KEY, queryFn: getSession });
  const choosing = useMutation({
    mutationFn: saveNeeds,
    onSuccess: (_, needs) => {
      queries.setQueryData<Session>(KEY, (before) => before && { ...before, needs: [...needs] });
      toast(t("p.needs.saved"));
    },
  });
  return (
    <section className="stack" aria-labelledby="needs-h">
      <h2 id="needs-h">{t("p.needs.title")}</h2>
      <p className="secondary">{t("p.needs.what")}</p>
      {choosing.isError && <ErrorState error={codedFrom(choosing.error)} />}
      <Fetched query={session} rows={4}>
        {({ needs: kept }) => {
          const needs = choosing.isPending ? choosing.variables : kept;
          const change = (need: Need, on: boolean) => choosing.mutate(NEEDS.filter((one) => (one === need ? on : needs.includes(one))));
          return (
            <CheckboxGroup label={t("p.needs.title")} hideLabel>
              {NEEDS.map((need) => (
                <Checkbox key={need} label={t(`p.needs.${need}`)} checked={needs.includes(need)} disabled={choosing.isPending} onChange={(on) => change(need, on)} data-testid={`p.needs.${need}`} />
              ))}
            </CheckboxGroup>
          );
        }}
      </Fetched>
    </section>
  );
}
