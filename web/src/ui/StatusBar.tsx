import type { ReactElement } from "react";
import type { Studio } from "../state/studio";
import { useStore } from "../state/store";
import { toggleFit, zoom } from "./commands";
import { Icon } from "./Icon";

export function StatusBar({ studio }: { studio: Studio }): ReactElement {
  const hint = useStore(studio.store, (s) => (s.toolRevision >= 0 && s.bitmap && studio.tool?.hint) || "");
  const error = useStore(studio.store, (s) => s.previewError);
  const notice = useStore(studio.store, (s) => s.preview?.notice);
  const latency = useStore(studio.store, (s) => s.latency);
  const busy = useStore(studio.store, (s) => s.busy || s.given.length > 0 || s.laid.length > 0);
  const scale = useStore(studio.store, (s) => s.view?.scale);
  const { masksShown, opacity } = useStore(studio.store, (s) => s);
  const said = error ?? notice ?? hint;
  return (
    <footer className="status">
      <p className={error ? "hint error" : "hint"} title={said} role="status" aria-live="polite">{said}</p>
      {busy && <i className="spinner" role="progressbar" aria-label="Computing the mask" />}
      {latency && (
        <span className="latency quiet" data-milliseconds={latency.total} title={latency.server === null ? undefined : `The server took ${latency.server.toFixed(0)} ms of it`}>
          {latency.total < 1000 ? `${latency.total.toFixed(0)} ms` : `${(latency.total / 1000).toFixed(1)} s`}
        </span>
      )}
      <Saved studio={studio} />
      <span className="group">
        <button className="quiet-button" aria-pressed={masksShown} aria-label="Masks" title="Hide and show the masks (M)" onClick={() => studio.store.set({ masksShown: !masksShown })}>
          <Icon name={masksShown ? "eye" : "hidden"} />
        </button>
        <input type="range" aria-label="Opacity of the masks" title="Opacity of the masks" min={0} max={0.9} step={0.05} value={opacity} onChange={(e) => studio.store.set({ opacity: Number(e.target.value) })} />
      </span>
      <span className="group">
        <button className="quiet-button" aria-label="Zoom out" title="Zoom out (−)" onClick={() => zoom(studio, 1 / 1.4)}><Icon name="minus" /></button>
        <output aria-label="Zoom">{scale ? `${percent(scale)} %` : ""}</output>
        <button className="quiet-button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => zoom(studio, 1.4)}><Icon name="plus" /></button>
        <button className="quiet-button" aria-label="Show the whole image" title="Show the whole image (0)" onClick={() => toggleFit(studio)}><Icon name="fit" /></button>
      </span>
    </footer>
  );
}

function percent(scale: number): string {
  return (scale * 100).toFixed(scale < 0.1 ? 1 : 0);
}

function Saved({ studio }: { studio: Studio }): ReactElement {
  const online = useStore(studio.store, (s) => s.online);
  const unsaved = useStore(studio.store, (s) => s.unsaved);
  const readOnly = useStore(studio.store, (s) => s.project?.read_only ?? false);
  const [state, text] = !online
    ? ["offline", unsaved ? `${unsaved} not saved` : "Offline"]
    : unsaved
      ? ["saving", "Saving …"]
      : readOnly
        ? ["saved", "Read only"]
        : ["saved", "Saved"];
  return (
    <span className={`saved ${state}`} data-testid="saved">
      <i /> {text}
    </span>
  );
}
