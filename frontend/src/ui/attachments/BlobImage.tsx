import { useCallback } from "react";

/** A picture of this page's memory. Its address lives as long as it is drawn. */
export function BlobImage({ blob, alt, className }: { blob: Blob; alt: string; className?: string }) {
  const draw = useCallback(
    (image: HTMLImageElement | null) => {
      if (!image) return;
      const url = URL.createObjectURL(blob);
      image.src = url;
      return () => URL.revokeObjectURL(url);
    },
    [blob],
  );
  return <img ref={draw} alt={alt} className={className} />;
}
