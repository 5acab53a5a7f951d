import type { CallState, Medium, Sending } from "./current";
import { LocalMedia, type DeviceKind } from "./media";

/** What carries this device's tracks to others. */
export interface Carrier {
  send: (kind: "audio" | "video", track: MediaStreamTrack | null) => void;
}

/** What of the devices is shown. */
export type Shown = Partial<Pick<CallState, "own" | "local" | "micProblem" | "cameraProblem" | "thinned">>;

/** What this device gives to one call: microphone, camera, screen. `show` is told what changes in the call's state, `tell` what is sent. */
export class Tools {
  private readonly media = new LocalMedia();
  private line: Carrier | null = null;
  private own: Sending = { audio: false, video: false, screen: false };
  private cameraBefore = false;
  private closed = false;

  constructor(
    private readonly show: (part: Shown) => void,
    private readonly tell: (own: Sending) => void,
  ) {
    this.media.onChange.add(() => this.changed());
    this.media.onSwitched.add(() => this.sends(this.live()));
  }

  /** True when there is a microphone to call with. */
  async open(media: readonly Medium[]): Promise<boolean> {
    await this.media.open(media);
    this.sends(this.live());
    return this.media.mic !== null && !this.closed;
  }

  /** After a reload: what was sent before it, and no more. A microphone that was muted stays so. */
  async reopen({ audio, video }: Sending): Promise<void> {
    this.media.mute(!audio);
    await this.open(video ? ["audio", "video"] : ["audio"]);
  }

  /** The call is accepted: what there is goes over this line. */
  join(line: Carrier): void {
    this.line = line;
    this.changed();
    this.sends({});
  }

  mute(muted: boolean): void {
    this.media.mute(muted);
    this.sends({ audio: !muted && this.media.mic !== null });
  }

  async camera(on: boolean): Promise<void> {
    if (!on) this.media.closePicture();
    else if (!(await this.media.openCamera())) return;
    if (on) this.show({ thinned: false });
    this.sends({ video: on, screen: false });
  }

  /** The screen takes the camera's place, and gives it back. */
  async share(on: boolean): Promise<void> {
    if (!on) return this.unshare();
    if (!this.own.screen) this.cameraBefore = this.own.video;
    if (!(await this.media.share(() => void this.unshare()))) return;
    this.sends({ screen: true, video: false });
  }

  /** The screen is gone at once, whatever becomes of the camera. */
  private async unshare(): Promise<void> {
    await this.camera(false);
    if (this.cameraBefore) await this.camera(true);
  }

  /** The connection carries no picture: the sound stays. */
  thin(): void {
    if (!this.own.video) return;
    this.media.closePicture();
    this.show({ thinned: true });
    this.sends({ video: false });
  }

  async choose(kind: DeviceKind, id: string): Promise<void> {
    if (!(await this.media.choose(kind, id))) return;
    if (kind === "camera") this.show({ thinned: false });
    this.sends(this.live());
  }

  /** The devices' lights go out. */
  close(): void {
    this.closed = true;
    this.media.close();
  }

  /** What the devices give now. */
  private live(): Sending {
    const { mic, picture, sharing } = this.media;
    return { audio: mic?.enabled ?? false, video: picture !== null && !sharing, screen: sharing };
  }

  private changed(): void {
    if (this.closed) return;
    const { mic, picture, stream, problems } = this.media;
    this.line?.send("audio", mic);
    this.line?.send("video", picture);
    this.show({ local: stream, micProblem: problems.mic, cameraProblem: problems.camera });
  }

  private sends(part: Partial<Sending>): void {
    if (this.closed) return;
    this.own = { ...this.own, ...part };
    this.show({ own: this.own });
    if (this.line) this.tell(this.own);
  }
}
