import { useLayoutEffect, useMemo, useRef, type ReactElement } from "react";
import type { Candidate } from "../api/types";
import { area, same, type Area } from "../canvas/masks";
import { paintThumbnail, partAround } from "../canvas/thumbnails";
import { selectedObject } from "../state/state";
import type { Studio } from "../state/studio";
import { useStore } from "../state/store";

const THUMBNAIL = { width: 96, height: 68 }; // CSS pixels

/** What else the last answer may have meant: a row below the image that keeps its place, so that the image does. */
export function Candidates({ studio }: { studio: Studio }): ReactElement | null {
  const shown = useStore(studio.store, () => studio.toolInfo?.candidates ?? false);
  const candidates = useStore(studio.store, (s) => s.candidates);
  const object = useStore(studio.store, selectedObject);
  const bitmap = useStore(studio.store, (s) => s.bitmap);
  const busy = useStore(studio.store, (s) => s.given.length > 0);
  const part = useMemo(() => candidates && bitmap && partAround(candidates.map((c) => c.mask), bitmap, THUMBNAIL), [candidates, bitmap]);
  if (!shown) return null;
  if (!candidates || !bitmap || !object || !part) {
    return <div className="candidates"><p className="quiet">When a click can mean several things, they are shown here to choose from</p></div>;
  }
  const tried = (index: number | null) => studio.store.set({ tried: index });
  return (
    <div className="candidates" role="group" aria-label="Candidates" aria-busy={busy}>
      {candidates.map((candidate, i) => {
        const current = same(candidate.mask, object.mask);
        return (
          <button
            key={i}
            aria-pressed={current}
            aria-label={`Candidate ${i + 1} of ${candidates.length}, ${area(candidate.mask).toLocaleString("en")} pixels`}
            title={`Choose this one (${i + 1})`}
            onPointerEnter={() => tried(i)}
            onPointerLeave={() => tried(null)}
            onFocus={() => tried(i)}
            onBlur={() => tried(null)}
            onClick={() => studio.changes.choose(i)}
          >
            <Thumbnail bitmap={bitmap} part={part} candidate={candidate} color={object.color} />
            <kbd>{i + 1}</kbd>
          </button>
        );
      })}
    </div>
  );
}

function Thumbnail({ bitmap, part, candidate, color }: { bitmap: ImageBitmap; part: Area; candidate: Candidate; color: string }): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (canvas.current) paintThumbnail(canvas.current, bitmap, part, candidate.mask, color);
  }, [bitmap, part, candidate, color]);
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  return <canvas ref={canvas} width={THUMBNAIL.width * ratio} height={THUMBNAIL.height * ratio} />;
}
