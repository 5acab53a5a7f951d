import { useState, useSyncExternalStore } from "react";
import { Emitter } from "@core/emitter";

export interface PlayerState {
  playing: boolean;
  /** Seconds; renewed four times a second. */
  time: number;
  duration: number;
  failed: boolean;
  speed: number;
  /** Played again and again. */
  loop: Stretch | null;
}

/** Part of a recording, seconds. */
export interface Stretch {
  from: number;
  to: number;
}

/** No shorter stretch is played again and again. */
const LEAST_S = 0.3;

const EVENTS = ["play", "pause", "ended", "timeupdate", "seeked", "durationchange", "ratechange", "error"] as const;

/** An <audio> element as state and acts. `known` is the length in seconds while the file has not told its own. */
export class Playback {
  private audio: HTMLAudioElement | null = null;
  private frame = 0;
  private current: PlayerState;
  private readonly changes = new Emitter<undefined>();
  private readonly frames = new Emitter<number>();

  constructor(private readonly known: number) {
    this.current = { playing: false, time: 0, duration: known, failed: false, speed: 1, loop: null };
  }

  readonly state = (): PlayerState => this.current;
  readonly subscribe = (listener: () => void): (() => void) => this.changes.add(listener);

  /** Called at every frame while it plays, and after each seek. */
  readonly onFrame = (listener: (time: number) => void): (() => void) => this.frames.add(listener);

  /** The element's `ref`. */
  readonly attach = (audio: HTMLAudioElement | null): (() => void) => {
    this.audio = audio;
    for (const event of EVENTS) audio?.addEventListener(event, this.read);
    return () => {
      cancelAnimationFrame(this.frame);
      for (const event of EVENTS) audio?.removeEventListener(event, this.read);
      this.frame = 0;
      this.audio = null;
    };
  };

  readonly toggle = (): void => {
    if (!this.audio) return;
    if (this.audio.paused) this.play();
    else this.audio.pause();
  };

  /** Shown at once, before the sound is there: a slider that went back meanwhile would seek back when it is let go. */
  readonly seek = (time: number): void => {
    if (!this.audio) return;
    const { loop } = this.current;
    if (loop && (time < loop.from || time > loop.to)) this.setLoop(null);
    this.audio.currentTime = Math.max(0, time);
    this.read();
  };

  readonly skip = (seconds: number): void => this.seek((this.audio?.currentTime ?? 0) + seconds);

  readonly playFrom = (time: number): void => {
    this.seek(time);
    this.play();
  };

  readonly setSpeed = (speed: number): void => {
    if (this.audio) this.audio.playbackRate = speed;
  };

  /** Plays a stretch again and again, from its beginning if it is elsewhere; null goes on from there. Going elsewhere ends it. */
  readonly setLoop = (loop: Stretch | null): void => {
    this.current = { ...this.current, loop: loop && { from: loop.from, to: Math.max(loop.to, loop.from + LEAST_S) } };
    this.read();
    if (this.audio && loop && (this.audio.currentTime < loop.from || this.audio.currentTime > loop.to)) this.seek(loop.from);
  };

  private play(): void {
    // A browser may refuse to play (no device, a broken file); the error event says so.
    void this.audio?.play().catch(() => undefined);
  }

  private readonly read = (): void => {
    const { audio } = this;
    if (!audio) return;
    this.again(audio);
    const duration = Number.isFinite(audio.duration) && audio.duration > 0 ? audio.duration : this.known;
    this.current = { ...this.current, playing: !audio.paused, time: audio.currentTime, duration, failed: audio.error !== null, speed: audio.playbackRate };
    this.changes.emit(undefined);
    if (audio.paused) this.frames.emit(audio.currentTime);
    else if (this.frame === 0) this.run();
  };

  private again(audio: HTMLAudioElement): void {
    const { loop } = this.current;
    if (!loop || (audio.paused && !audio.ended) || audio.currentTime < Math.min(loop.to, audio.duration || loop.to)) return;
    audio.currentTime = loop.from;
    if (audio.ended) this.play();
  }

  private readonly run = (): void => {
    const { audio } = this;
    this.frame = 0;
    if (!audio) return;
    this.again(audio);
    this.frames.emit(audio.currentTime);
    if (!audio.paused) this.frame = requestAnimationFrame(this.run);
  };
}

export interface Player extends PlayerState {
  playback: Playback;
}

export function usePlayer(known: number | null): Player {
  const [playback] = useState(() => new Playback(known ?? 0));
  const state = useSyncExternalStore(playback.subscribe, playback.state);
  return { playback, ...state };
}
