import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { History } from "lucide-react";
import { Link } from "@ui/router";
import { parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { EmptyState, Fetched } from "@ui/states";
import { listReadings, type Reading } from "./api";
import { useMine, useToDecide } from "./Page";
import { exactTime } from "./timeline";
import { useT } from "./words";

const LISTED = 500;

export const useReadings = (grant: string) => useQuery({ queryKey: ["compliance", "readings", grant], queryFn: () => listReadings(grant), staleTime: 0 });

/** What was read under a grant: the summary when its viewer closes. */
export function ReadingList({ query }: { query: UseQueryResult<Reading[]> }) {
  const t = useT();
  return (
    <Fetched query={query} isEmpty={(all) => all.length === 0} empty={<EmptyState icon={History} title={t("c.readings.none")} />}>
      {(all) => (
        <>
          <p className="secondary" data-testid="c.readings.count">
            {t("c.readings.count", { count: all.length })} {all.length >= LISTED && t("c.readings.more", { count: LISTED })}
          </p>
          <ReadingTable readings={all} />
        </>
      )}
    </Fetched>
  );
}

function ReadingTable({ readings }: { readings: readonly Reading[] }) {
  const t = useT();
  const locale = useLocale();
  const numbers = useCaseNumbers();
  return (
    <div className="c-table-wrap">
      <table className="c-table">
        <caption className="sr-only">{t("c.readings.title")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("c.readings.at")}</th>
            <th scope="col">{t("c.readings.person")}</th>
            <th scope="col">{t("c.readings.action")}</th>
            <th scope="col">{t("c.readings.grant")}</th>
          </tr>
        </thead>
        <tbody>
          {readings.map((one, i) => (
            <tr key={`${one.at}-${i}`} data-testid="c.readings.row" data-action={one.action}>
              <td className="tabular c-nowrap">{exactTime(parseTime(one.at))}</td>
              <td>{fullName(one.person, locale)}</td>
              <td>{inLocale(one.says, locale)}</td>
              <td>
                <Link href={`/grants/${one.grant}`}>{numbers.get(one.grant) ?? one.grant.slice(0, 8)}</Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The case number of every grant that this person knows of. */
function useCaseNumbers(): ReadonlyMap<string, string> {
  const known = [...(useMine().data ?? []), ...(useToDecide().data ?? [])];
  return new Map(known.map((grant) => [grant.id, grant.case.number]));
}
