import { useEffect, useRef } from "react";

interface PictureProps extends React.VideoHTMLAttributes<HTMLVideoElement> {
  stream: MediaStream | null;
  /** Its first frame is there. */
  onFirst?: () => void;
}

/** A moving picture without sound: that comes from an element of its own, which no layout hides. */
export function Picture({ stream, onFirst, ...rest }: PictureProps) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    video.srcObject = stream;
    if (stream) void video.play().catch(() => undefined);
  }, [stream]);
  return <video ref={ref} autoPlay playsInline muted onPlaying={onFirst} {...rest} />;
}
