import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import { minutesRange } from "@core/format";
import { inLocale } from "@core/i18n";
import { Checkbox } from "@ui/fields";
import { useLocale } from "@ui/settings";
import { ErrorState, Fetched } from "@ui/states";
import { departments, markDepartment } from "./api";
import { useT } from "./words";

const KEY = ["departments"];

export type Department = Awaited<ReturnType<typeof departments>>[number];

/** The departments, and which of them are sensitive. */
export function Departments() {
  const t = useT();
  const client = useQueryClient();
  const query = useQuery({ queryKey: KEY, queryFn: departments });
  const marking = useMutation({
    mutationFn: ({ id, sensitive }: Department) => markDepartment(id, !sensitive),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
  return (
    <section className="card a-section" aria-labelledby="departments-h">
      <h2 id="departments-h">{t("a.departments")}</h2>
      <p className="secondary">{t("a.departments.sensitive.what")}</p>
      {marking.isError && <ErrorState error={codedFrom(marking.error)} />}
      <Fetched query={query} isEmpty={(all) => all.length === 0} empty={<p>{t("a.departments.none")}</p>}>
        {(all) => (
          <ul className="a-rows">
            {all.map((one) => (
              <Row key={one.id} department={one} busy={marking.isPending} onMark={() => marking.mutate(one)} />
            ))}
          </ul>
        )}
      </Fetched>
      <p className="secondary">{t("a.departments.change")}</p>
    </section>
  );
}

function Row({ department, busy, onMark }: { department: Department; busy: boolean; onMark: () => void }) {
  const t = useT();
  const locale = useLocale();
  const name = inLocale(department.name, locale);
  const reply = department.typical_reply_minutes;
  return (
    <li data-testid="a.department">
      <span>{name}</span>
      <span className="secondary">{reply ? t("a.departments.reply", { range: minutesRange(reply, locale) }) : t("a.departments.noReply")}</span>
      <Checkbox
        label={t("a.departments.sensitive")}
        aria-label={t("a.departments.sensitive.named", { name })}
        checked={department.sensitive}
        disabled={busy}
        onChange={onMark}
        data-testid="a.department.sensitive"
      />
    </li>
  );
}
