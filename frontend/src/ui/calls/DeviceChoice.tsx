import { useEffect, useState } from "react";
import type { Tools } from "@core/calls/tools";
import { devicesOf, type DeviceKind } from "@core/calls/media";
import { Select } from "../fields";
import { useCallWords } from "./words";

const KINDS: readonly (readonly [DeviceKind, MediaDeviceKind, "audio" | "video"])[] = [
  ["mic", "audioinput", "audio"],
  ["camera", "videoinput", "video"],
];

/** Which microphone, camera and loudspeaker, where there is a choice. */
export function DeviceChoice({ tools, local, output }: { tools: Tools | null; local: MediaStream | null; output: Output }) {
  const t = useCallWords();
  return (
    <>
      {KINDS.map(([kind, media, track]) => (
        <Choice key={kind} kind={media} label={t(`ca.choose.${kind}`)} stream={local} track={track} onChoose={(id) => void tools?.choose(kind, id)} />
      ))}
      {output.all.length > 1 && (
        <Select label={t("ca.output")} value={output.id} options={output.all.map((one) => ({ value: one.deviceId, label: one.label }))} onChange={output.choose} data-testid="k.output" />
      )}
    </>
  );
}

interface ChoiceProps {
  kind: MediaDeviceKind;
  label: string;
  stream: MediaStream | null;
  track: "audio" | "video";
  onChoose: (id: string) => void;
}

function Choice({ kind, label, stream, track, onChoose }: ChoiceProps) {
  const all = useDevices(kind, stream);
  const used = stream?.getTracks().find((one) => one.kind === track)?.getSettings().deviceId;
  if (all.length < 2 || !used) return null;
  return <Select label={label} value={used} options={all.map((one) => ({ value: one.deviceId, label: one.label }))} onChange={onChoose} />;
}

export interface Output {
  all: readonly MediaDeviceInfo[];
  /** Empty: as the system has it. */
  id: string;
  choose: (id: string) => void;
}

/** Through what the other is heard. Browsers that cannot switch (phones, Safari) have one. */
export function useOutput(stream: MediaStream | null): Output {
  const [id, choose] = useState("default");
  const all = useDevices("audiooutput", stream);
  const able = "setSinkId" in HTMLMediaElement.prototype;
  return { all: able ? all : [], id: all.some((one) => one.deviceId === id) ? id : (all[0]?.deviceId ?? ""), choose };
}

/** What there is now; looked for again when something is plugged in, and when a device was granted, for only then they have names. */
function useDevices(kind: MediaDeviceKind, stream: MediaStream | null): readonly MediaDeviceInfo[] {
  const [all, setAll] = useState<readonly MediaDeviceInfo[]>([]);
  useEffect(() => {
    let current = true;
    const look = () => void devicesOf(kind).then((found) => current && setAll(found));
    look();
    const devices = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
    devices?.addEventListener("devicechange", look);
    return () => {
      current = false;
      devices?.removeEventListener("devicechange", look);
    };
  }, [kind, stream]);
  return all;
}
