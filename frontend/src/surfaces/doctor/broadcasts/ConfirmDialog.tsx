import { useMutation, useQueryClient } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { codedFrom } from "@core/errors";
import { inLocale } from "@core/i18n";
import { toast } from "@ui/announce";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { useSession } from "@ui/live";
import { fullName } from "@ui/names";
import { NoticeCard } from "@ui/notices/NoticeCard";
import { useLocation } from "@ui/router";
import { useLocale } from "@ui/settings";
import { ErrorState } from "@ui/states";
import { useNow } from "@ui/staff/useNow";
import { useT } from "../words";
import { compose, type Cohort } from "./api";

interface Props {
  cohort: Cohort;
  words: { title: string; text: string };
  /** Of this notice: sending again after a lost answer sends nothing twice. */
  client_id: string;
  onBack: () => void;
}

/** The interruption before something goes to many: whom, how many, what; the safe choice first. */
export function ConfirmDialog({ cohort, words, client_id, onBack }: Props) {
  const t = useT();
  const locale = useLocale();
  const [, go] = useLocation();
  const { person } = useSession();
  const now = useNow(60_000);
  const queries = useQueryClient();
  const again = () => void queries.invalidateQueries({ queryKey: ["cohorts"] });
  const sending = useMutation({
    mutationFn: () => compose({ ...words, client_id, cohort: cohort.id, patients: [], expected: cohort.size }),
    onSuccess: ({ id }) => {
      toast(t("d.broadcast.begun"));
      void queries.invalidateQueries({ queryKey: ["broadcasts"] });
      go(`/broadcasts/${id}`, { replace: true });
    },
    onError: again, // the number may have changed: it is asked for again, and shown
  });
  const actions = (
    <>
      <Button onClick={onBack} data-testid="d.broadcast.back">
        {t("d.broadcast.back")}
      </Button>
      <Button variant="primary" pending={sending.isPending} onClick={() => sending.mutate()} data-testid="d.broadcast.send">
        {t("d.broadcast.send", { count: cohort.size })}
      </Button>
    </>
  );
  return (
    <Dialog title={t("d.broadcast.confirm", { count: cohort.size })} onClose={onBack} actions={actions} testid="d.broadcast.confirm">
      {sending.isError && <ErrorState error={codedFrom(sending.error)} />}
      <p className="d-caution">
        <TriangleAlert size={20} aria-hidden />
        <span>{t("d.broadcast.confirm.what", { cohort: inLocale(cohort.name, locale), count: cohort.size })}</span>
      </p>
      <NoticeCard title={words.title} text={words.text} from={fullName(person, locale)} at={now} />
    </Dialog>
  );
}
