import { Emitter } from "../emitter";
import type { DeviceProblem, Medium } from "./current";

/** One person talking; enough for a face, and for a rash held to the lens. */
const SOUND: MediaTrackConstraints = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE: MediaTrackConstraints = { width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 24, max: 30 } };
const SCREEN: DisplayMediaStreamOptions = { video: { frameRate: { max: 15 } }, audio: false };

const PROBLEMS: Record<string, DeviceProblem> = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

export type DeviceKind = "mic" | "camera";

/** This device's microphone, camera and screen. `changed` is told when a track begins, ends or becomes another. */
export class LocalMedia {
  mic: MediaStreamTrack | null = null;
  /** What is sent as picture: the camera, or the screen while it is shared. */
  picture: MediaStreamTrack | null = null;
  sharing = false;
  readonly problems: Record<DeviceKind, DeviceProblem | null> = { mic: null, camera: null };
  /** The microphone or camera was pulled out, or is another now. */
  readonly onSwitched = new Emitter<DeviceKind>();
  readonly onChange = new Emitter<undefined>();
  private made: MediaStream | null = null;
  private chosen: Record<DeviceKind, string | null> = { mic: null, camera: null };
  /** Holds for every microphone that comes, until it is taken back. */
  private muted = false;
  private over = false;

  constructor() {
    this.devices?.addEventListener("devicechange", this.devicesChanged);
  }

  /** A new object whenever one of its tracks is another; null while there is none. */
  get stream(): MediaStream | null {
    return this.made;
  }

  private get devices(): MediaDevices | undefined {
    return (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
  }

  /** Asks for the devices that `media` needs, once. Never rejects: what went wrong is in `problems`. */
  async open(media: readonly Medium[]): Promise<void> {
    const needs = { audio: this.mic ? false : this.wanted("mic"), video: media.includes("video") && !this.picture ? this.wanted("camera") : false };
    if (!needs.audio && !needs.video) return;
    if (needs.audio && needs.video && (await this.take(needs)) === null) return;
    // Both together failed: the browser does not say for which of them.
    if (needs.audio) this.problems.mic = await this.take({ audio: needs.audio });
    if (needs.video) this.problems.camera = await this.take({ video: needs.video });
    this.onChange.emit(undefined);
  }

  async openCamera(): Promise<boolean> {
    this.problems.camera = await this.take({ video: this.wanted("camera") });
    this.onChange.emit(undefined);
    return this.problems.camera === null;
  }

  /** The camera's light goes out. */
  closePicture(): void {
    end(this.picture);
    this.picture = null;
    this.sharing = false;
    this.compose();
  }

  /** False when whoever was asked chose nothing. `ended`: the browser's own "stop sharing" was pressed. */
  async share(ended: () => void): Promise<boolean> {
    const stream = await this.devices?.getDisplayMedia(SCREEN).catch(() => null);
    const track = stream?.getVideoTracks()[0];
    if (!track) return false;
    // The call ended while the browser asked which screen.
    if (this.over) {
      track.stop();
      return false;
    }
    track.contentHint = "detail";
    end(this.picture);
    this.picture = track;
    this.sharing = true;
    track.onended = ended;
    this.compose();
    return true;
  }

  mute(muted: boolean): void {
    this.muted = muted;
    if (this.mic) this.mic.enabled = !muted;
  }

  /** Takes another microphone or camera into use. False: it does not work, and the one before is still in use. */
  async choose(kind: DeviceKind, id: string): Promise<boolean> {
    this.chosen[kind] = id;
    const problem = await this.take(kind === "mic" ? { audio: this.wanted("mic") } : { video: this.wanted("camera") });
    return problem === null;
  }

  close(): void {
    this.over = true;
    this.devices?.removeEventListener("devicechange", this.devicesChanged);
    end(this.mic);
    end(this.picture);
    this.mic = this.picture = null;
    this.made = null;
  }

  private wanted(kind: DeviceKind): MediaTrackConstraints {
    const id = this.chosen[kind];
    if (kind === "mic") return id ? { ...SOUND, deviceId: { exact: id } } : SOUND;
    return id ? { ...PICTURE, deviceId: { exact: id } } : { ...PICTURE, facingMode: "user" };
  }

  /** Null when it worked. */
  private async take(constraints: MediaStreamConstraints): Promise<DeviceProblem | null> {
    const { devices } = this;
    if (!devices) return window.isSecureContext ? "failed" : "insecure";
    try {
      const stream = await devices.getUserMedia(constraints);
      for (const track of stream.getTracks()) this.use(track);
      this.compose();
      return null;
    } catch (error) {
      return PROBLEMS[error instanceof DOMException ? error.name : ""] ?? "failed";
    }
  }

  private use(track: MediaStreamTrack): void {
    if (this.over) return end(track);
    const kind = track.kind === "audio" ? "mic" : "camera";
    if (kind === "mic") {
      track.enabled = !this.muted;
      end(this.mic);
      this.mic = track;
    } else {
      end(this.picture);
      this.picture = track;
      this.sharing = false;
    }
    this.problems[kind] = null;
    track.onended = () => void this.replace(kind);
  }

  private compose(): void {
    if (this.over) return;
    const tracks = [this.mic, this.picture].filter((one) => one !== null);
    this.made = tracks.length ? new MediaStream(tracks) : null;
    this.onChange.emit(undefined);
  }

  /** A device was pulled out during the call: whatever there is takes its place. */
  private async replace(kind: DeviceKind): Promise<void> {
    if (this.over) return;
    this.chosen[kind] = null;
    if (kind === "mic") this.mic = null;
    else this.picture = null;
    this.problems[kind] = await this.take(kind === "mic" ? { audio: this.wanted("mic") } : { video: this.wanted("camera") });
    if (this.problems[kind]) this.compose();
    this.onSwitched.emit(kind);
  }

  /** Something was plugged in: without a microphone so far, it may be one. A camera shows nobody before they press again. */
  private readonly devicesChanged = (): void => {
    if (this.problems.mic === "missing") void this.replace("mic");
    if (this.problems.camera === "missing") void this.lookForCamera();
    this.onChange.emit(undefined);
  };

  private async lookForCamera(): Promise<void> {
    const all = (await this.devices?.enumerateDevices().catch(() => [])) ?? [];
    if (this.problems.camera !== "missing" || !all.some((one) => one.kind === "videoinput")) return;
    this.problems.camera = null;
    this.onChange.emit(undefined);
  }
}

function end(track: MediaStreamTrack | null): void {
  if (!track) return;
  track.onended = null;
  track.stop();
}

/** What there is to choose from; names only once a device of that kind was granted. */
export async function devicesOf(kind: MediaDeviceKind): Promise<readonly MediaDeviceInfo[]> {
  const devices = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
  const all = (await devices?.enumerateDevices().catch(() => [])) ?? [];
  return all.filter((one) => one.kind === kind && one.label !== "");
}
