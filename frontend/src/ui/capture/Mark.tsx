import { useEffect, useRef } from "react";
import { announce } from "../announce";
import { useCaptureWords } from "./words";
import "./capture.css";

export { captureWords as words } from "./words";

/** For as long as it runs, in the head of the call's window; said aloud once. */
export default function Mark() {
  const t = useCaptureWords();
  const said = useRef(false);
  useEffect(() => {
    if (said.current) return;
    said.current = true;
    announce(t("cp.on"), "assertive");
  }, [t]);
  return (
    <p className="cp-mark" data-testid="k.rec.mark">
      <span className="cp-dot" aria-hidden />
      {t("cp.on")}
    </p>
  );
}
