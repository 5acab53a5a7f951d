import { useMutation, useQueryClient } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import { toast } from "@ui/announce";
import { Checkbox } from "@ui/fields";
import { useNotices } from "@ui/notices/words";
import { ErrorState, Fetched } from "@ui/states";
import { chooseNotices, NOTICES, useOwnNotices } from "./api";

export { noticeWords as words } from "@ui/notices/words";

/** Whether I want notices that go to many. */
export default function NoticeSwitch() {
  const t = useNotices();
  const queries = useQueryClient();
  const notices = useOwnNotices();
  const choosing = useMutation({
    mutationFn: chooseNotices,
    onSuccess: (now) => {
      queries.setQueryData(NOTICES, now);
      toast(now.opted_out ? t("nt.optOut.saved.off") : t("nt.optOut.saved.on"));
    },
  });
  return (
    <section className="stack" aria-labelledby="notices-h">
      <h2 id="notices-h">{t("nt.optOut.heading")}</h2>
      {choosing.isError && <ErrorState error={codedFrom(choosing.error)} />}
      <Fetched query={notices} rows={1}>
        {({ opted_out }) => (
          <Checkbox
            label={t("nt.optOut")}
            description={t("nt.optOut.what")}
            checked={choosing.isPending ? !choosing.variables : !opted_out}
            disabled={choosing.isPending}
            onChange={(wanted) => choosing.mutate(!wanted)}
            data-testid="p.settings.notices"
          />
        )}
      </Fetched>
    </section>
  );
}
