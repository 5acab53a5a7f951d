import { useEffect, useState } from "react";

const LOOK_MS = 100;
const QUIETEST_DB = 60;

/** How loud a microphone is now, 0..1 as the ear hears it; 0 while there is none. */
export function useLevel(stream: MediaStream | null): number {
  const [level, setLevel] = useState(0);
  useEffect(() => {
    if (!stream?.getAudioTracks().length) return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    const samples = new Float32Array(analyser.fftSize);
    context.createMediaStreamSource(stream).connect(analyser);
    void context.resume().catch(() => undefined);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
      setLevel(power > 0 ? Math.min(1, Math.max(0, 1 + (10 * Math.log10(power)) / QUIETEST_DB)) : 0);
    }, LOOK_MS);
    return () => {
      clearInterval(timer);
      void context.close().catch(() => undefined);
    };
  }, [stream]);
  return level;
}
