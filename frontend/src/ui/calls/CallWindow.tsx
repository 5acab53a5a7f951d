import { Suspense, useEffect, useEffectEvent, useRef, type RefObject } from "react";
import type { CallState } from "@core/calls/current";
import { playTime } from "@core/format";
import { later } from "../later";
import { useSession } from "../live";
import { useKeys } from "../staff/keys";
import { useNow } from "../staff/useNow";
import { Banner } from "./Banner";
import type { CallProps } from "./CallCentre";
import { Controls } from "./Controls";
import { Marks } from "./Marks";
import { useOutput } from "./DeviceChoice";
import { CaptionsSheet, RecordingMark, RecordingSheet } from "./slots";
import { startRinging } from "./ringtone";
import { Sound } from "./Sound";
import { ShapeButtons, useShape } from "./shape";
import { Stage } from "./Stage";
import { usePeer } from "./usePeer";
import { useCallWords } from "./words";

const SendPhoto = later(() => import("./SendPhoto"));

/** The call, in the shape that leaves room for what else is needed. */
export function CallWindow({ calls, call }: CallProps) {
  const t = useCallWords();
  const staff = useSession().surface !== "patient";
  const { name, about, detail } = usePeer();
  const frame = useRef<HTMLElement>(null);
  const { shape, setShape, corner, turn } = useShape(staff, frame);
  const output = useOutput(call.local);
  const on = call.at !== null;
  const heading = useFirstFocus(shape === "full");
  useRingback(call.stage === "calling" && call.rings);
  useKeys({
    "Ctrl+KeyD": () => on && calls.tools?.mute(call.own.audio),
    "Ctrl+KeyE": () => on && void calls.tools?.camera(!call.own.video),
  });
  return (
    <section ref={frame} className="k-call" data-shape={shape} data-corner={corner} data-stage={call.stage} aria-label={t("ca.window", { name })} data-region="[data-testid='k.mute']" data-testid="k.call" data-quality={call.quality ?? undefined}>
      <header className="k-head">
        <div className="k-who">
          <h2 ref={heading} tabIndex={-1}>
            {name}
          </h2>
          <p className="k-about">
            <StageWords call={call} about={about} />
          </p>
        </div>
        {on && <RecordingMark call={call} />}
        <ShapeButtons staff={staff} shape={shape} onShape={setShape} onTurn={turn} />
      </header>
      <Banner calls={calls} call={call} name={name} />
      {!staff && on && detail?.photo_asked && (
        <Suspense>
          <SendPhoto consultation={call.consultation} {...detail.photo_asked} />
        </Suspense>
      )}
      <Stage call={call} name={name} />
      {staff && on && shape !== "bar" && <Marks call={call} />}
      <Controls calls={calls} call={call} output={output} shape={shape} />
      <Sound stream={call.remote} output={output.id} />
      {on && <RecordingSheet call={call} />}
      {on && <CaptionsSheet call={call} />}
    </section>
  );
}

/** The page behind goes, and what had the focus with it. */
function useFirstFocus(covers: boolean): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  const begin = useEffectEvent(() => covers && heading.current?.focus());
  useEffect(() => void begin(), []); // once: a window that grows later takes no focus
  return heading;
}

function useRingback(on: boolean): void {
  useEffect(() => (on ? startRinging("out") : undefined), [on]);
}

/** In one line: who, since when, how well. */
function StageWords({ call, about }: { call: CallState; about: string }) {
  const t = useCallWords();
  const { stage, at, rings, quality, trouble } = call;
  useEffect(() => {
    if (stage === "connected") performance.mark("call:connected");
  }, [stage]);
  if (stage === "asking") return t("ca.asking");
  if (stage === "calling") return t(rings ? "ca.rings" : "ca.dialling");
  if (at === null || stage === "connecting") return t("ca.connecting");
  const word = trouble ? "" : quality ? t(`ca.quality.${quality}`) : "";
  return (
    <>
      <Clock since={at} />
      {[word, about].filter(Boolean).map((part) => ` · ${part}`)}
    </>
  );
}

function Clock({ since }: { since: number }) {
  const now = useNow(1_000);
  return (
    <span role="timer" aria-live="off" className="tabular" data-testid="k.clock">
      {playTime((now - since) / 1000)}
    </span>
  );
}
