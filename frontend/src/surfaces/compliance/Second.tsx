import { UsersRound } from "lucide-react";
import { dateTime, parseTime } from "@core/format";
import { Chip } from "@ui/Chip";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import type { Case, Grant } from "./api";
import { useT } from "./words";

const TWO = 2;

/** Marks what takes two approvers, and in lists how many of them agreed. */
export function TwoChip({ grant }: { grant: Grant }) {
  const t = useT();
  if (grant.approvers < TWO) return null;
  return (
    <Chip tone="warn" icon={UsersRound} data-testid="c.second.chip">
      {t("c.second.chip", { agreed: grant.approver && grant.first ? TWO : grant.first ? 1 : 0 })}
    </Chip>
  );
}

/** Said before the request is sent: it takes longer. */
export function TwoBefore({ cases }: { cases: readonly Case[] }) {
  const t = useT();
  const count = cases.filter((one) => one.approvers >= TWO).length;
  if (count === 0) return null;
  return (
    <p className="c-second-before" data-testid="c.second.before">
      <UsersRound size={20} aria-hidden />
      <span>{t("c.second.before", { count })}</span>
    </p>
  );
}

/** Why two have to agree, and what the first of them said. */
export function FirstOfTwo({ grant }: { grant: Grant }) {
  const t = useT();
  const locale = useLocale();
  if (grant.approvers < TWO) return null;
  return (
    <>
      <p className="secondary">{t("c.second.why")}</p>
      {grant.first && (
        <p className="secondary" data-testid="c.second.first">
          {t("c.second.first", { name: fullName(grant.first.approver, locale), time: dateTime(parseTime(grant.first.at), locale) })} <span className="own-words">{grant.first.reason}</span>
        </p>
      )}
    </>
  );
}
