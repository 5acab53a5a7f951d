import { Suspense, useMemo, useState } from "react";
import { mayHaveTakes } from "@core/capture/flag";
import { useCall } from "../calls/useCall";
import { later } from "../later";
import { useSession } from "../live";

const Capturing = later(() => import("./Capturing"));

/** In every page of patients and clinicians: loads the recorder once somebody asks for a recording, or where a closed page left one. */
export function CaptureHost() {
  const asked = Boolean(useCall()?.recording);
  const me = useSession().person.id;
  const left = useMemo(() => mayHaveTakes(me), [me]);
  const [needed, setNeeded] = useState(left);
  if ((asked || left) && !needed) setNeeded(true);
  return needed && (
    <Suspense>
      <Capturing />
    </Suspense>
  );
}
