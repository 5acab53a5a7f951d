import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CalendarClock, Lock, LockOpen } from "lucide-react";
import { codedFrom } from "@core/errors";
import { dateTime, parseTime } from "@core/format";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { Chip } from "@ui/Chip";
import { Checkbox, TextArea, TextField } from "@ui/fields";
import { useSession } from "@ui/live";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { EmptyState, ErrorState, Fetched } from "@ui/states";
import { isOfficer } from "../api";
import { useT } from "../words";
import { askRelease, dayIn, declineRelease, listHolds, placeHold, releaseHold, REVIEW, type Hold } from "./api";
import { ReasonDialog } from "./ReasonDialog";
import { ReviewDialog } from "./ReviewDialog";

/** Holds in force first; an officer places one, two people release it. */
export function Holds() {
  const t = useT();
  const query = useQuery({ queryKey: ["keep", "holds"], queryFn: listHolds });
  return (
    <div className="c-keep">
      {isOfficer(useSession().roles) && <PlaceHold />}
      <Fetched query={query} isEmpty={(all) => all.length === 0} empty={<EmptyState icon={LockOpen} title={t("c.keep.holds.none")} />}>
        {(all) => (
          <ul className="c-grants">
            {all.map((one) => (
              <HoldRow key={one.id} hold={one} />
            ))}
          </ul>
        )}
      </Fetched>
    </div>
  );
}

function PlaceHold() {
  const t = useT();
  const client = useQueryClient();
  const [number, setNumber] = useState("");
  const [reason, setReason] = useState("");
  const [whole, setWhole] = useState(false);
  const [day, setDay] = useState(() => dayIn(REVIEW.usual));
  const [tried, setTried] = useState(false);
  const placing = useMutation({
    mutationFn: () => placeHold({ number: number.trim(), whole, reason: reason.trim(), review_on: day || null }),
    onSuccess: () => {
      announce(t("c.keep.hold.placed"));
      setNumber("");
      setReason("");
      setTried(false);
      void client.invalidateQueries({ queryKey: ["keep"] });
    },
  });
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (number.trim() && reason.trim().length >= 4) placing.mutate();
  };
  return (
    <form className="card stack" noValidate onSubmit={submit} aria-labelledby="place-h">
      <h2 id="place-h">{t("c.keep.hold.place")}</h2>
      <p className="secondary">{t("c.keep.hold.what")}</p>
      {placing.isError && <ErrorState error={codedFrom(placing.error)} />}
      <TextField
        label={t("c.keep.hold.number")}
        hint={t("c.keep.hold.number.hint")}
        value={number}
        onChange={(event) => setNumber(event.target.value)}
        error={tried && !number.trim() ? t("c.keep.hold.number.missing") : null}
        data-testid="c.keep.hold.number"
      />
      <Checkbox label={t("c.keep.hold.whole")} checked={whole} onChange={setWhole} />
      <TextArea
        label={t("c.keep.hold.reason")}
        value={reason}
        maxLength={1000}
        rows={2}
        onChange={(event) => setReason(event.target.value)}
        error={tried && reason.trim().length < 4 ? t("c.keep.reason.missing") : null}
        data-testid="c.keep.hold.reason"
      />
      <TextField
        label={t("c.keep.hold.review.day")}
        hint={t("c.keep.hold.review.hint")}
        type="date"
        min={dayIn(REVIEW.first)}
        max={dayIn(REVIEW.last)}
        value={day}
        onChange={(event) => setDay(event.target.value)}
        data-testid="c.keep.hold.day"
      />
      <div className="row">
        <Button type="submit" variant="primary" icon={Lock} pending={placing.isPending} data-testid="c.keep.hold.submit">
          {t("c.keep.hold.place")}
        </Button>
      </div>
    </form>
  );
}

function HoldRow({ hold }: { hold: Hold }) {
  const t = useT();
  const locale = useLocale();
  const at = (time: string) => dateTime(parseTime(time), locale);
  const about = hold.number ? t("c.keep.hold.case", { number: hold.number }) : t("c.keep.hold.patient");
  return (
    <li className="c-grant" data-testid="c.keep.hold" data-state={stateOf(hold)}>
      <div>
        <p>
          <strong>{about}</strong> {hold.patient}
        </p>
        <p className="own-words">{hold.reason}</p>
        <p className="secondary">{t("c.keep.hold.by", { name: fullName(hold.placed_by, locale), time: at(hold.placed_at) })}</p>
        {hold.review_on && !hold.released_at && <p className="secondary">{t(hold.review_due ? "c.keep.hold.review.due" : "c.keep.hold.review.on", { day: hold.review_on })}</p>}
        {hold.asked_by && hold.asked_at && (
          <p className="secondary">
            {t("c.keep.hold.askedBy", { name: fullName(hold.asked_by, locale), time: at(hold.asked_at) })} <span className="own-words">{hold.asked_why}</span>
          </p>
        )}
        {!hold.asked_by && hold.declined[0] && <Declined last={hold.declined[0]} />}
        {hold.released_by && hold.released_at && <p className="secondary">{t("c.keep.hold.releasedBy", { name: fullName(hold.released_by, locale), time: at(hold.released_at) })}</p>}
      </div>
      <div className="c-grant-side">
        <HoldState hold={hold} />
        {!hold.released_at && <Review hold={hold} />}
        <HoldAct hold={hold} />
      </div>
    </li>
  );
}

/** Why the hold is still in force although its release was asked for. */
function Declined({ last }: { last: Hold["declined"][number] }) {
  const t = useT();
  const locale = useLocale();
  const own = last.by.id === last.asked_by.id;
  return (
    <p className="secondary" data-testid="c.keep.hold.declined">
      {t(own ? "c.keep.hold.takenBack" : "c.keep.hold.declinedBy", { name: fullName(last.by, locale), time: dateTime(parseTime(last.at), locale) })} <span className="own-words">{last.why}</span>
    </p>
  );
}

const stateOf = (hold: Hold) => (hold.released_at ? "released" : hold.asked_at ? "asked" : "held");

function HoldState({ hold }: { hold: Hold }) {
  const t = useT();
  const state = stateOf(hold);
  return (
    <Chip tone={state === "held" ? "info" : state === "asked" ? "warn" : "neutral"} icon={state === "released" ? LockOpen : Lock}>
      {t(`c.keep.hold.state.${state}`)}
    </Chip>
  );
}

/** Looked at, and still needed: with the day of the next look. */
function Review({ hold }: { hold: Hold }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="small" variant={hold.review_due ? "primary" : "secondary"} icon={CalendarClock} onClick={() => setOpen(true)} data-testid="c.keep.hold.review">
        {t("c.keep.hold.review")}
      </Button>
      {open && <ReviewDialog hold={hold} onClose={() => setOpen(false)} />}
    </>
  );
}

/** The first of two asks, the second agrees; nobody is both. */
function HoldAct({ hold }: { hold: Hold }) {
  const t = useT();
  const me = useSession().person.id;
  const [open, setOpen] = useState(false);
  const state = stateOf(hold);
  if (state === "released") return null;
  if (state === "asked" && hold.asked_by?.id === me)
    return (
      <>
        <span className="meta">{t("c.keep.hold.another")}</span>
        <Decline hold={hold} own />
      </>
    );
  const first = state === "held";
  return (
    <>
      {!first && <Decline hold={hold} />}
      <Button size="small" onClick={() => setOpen(true)} data-testid={first ? "c.keep.hold.ask" : "c.keep.hold.release"}>
        {first ? t("c.keep.hold.ask") : t("c.keep.hold.release")}
      </Button>
      {open && (
        <ReasonDialog
          title={first ? t("c.keep.hold.ask") : t("c.keep.hold.release")}
          what={first ? t("c.keep.hold.ask.what") : t("c.keep.hold.release.what")}
          confirm={first ? t("c.keep.hold.ask") : t("c.keep.hold.release")}
          {...(first ? { label: t("c.keep.hold.ask.why") } : { danger: true })}
          act={(reason) => (first ? askRelease(hold.id, reason) : releaseHold(hold.id))}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

/** The release that was asked for does not come: one's own request is taken back, another's declined. */
function Decline({ hold, own = false }: { hold: Hold; own?: boolean }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const act = t(own ? "c.keep.hold.takeBack" : "c.keep.hold.decline");
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)} data-testid={own ? "c.keep.hold.takeBack" : "c.keep.hold.decline"}>
        {act}
      </Button>
      {open && <ReasonDialog title={act} what={t("c.keep.hold.decline.what")} confirm={act} label={t("c.keep.hold.decline.why")} act={(reason) => declineRelease(hold.id, reason)} onClose={() => setOpen(false)} />}
    </>
  );
}
