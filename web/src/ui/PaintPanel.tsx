import type { CSSProperties, ReactElement } from "react";
import { share } from "../canvas/classMaps";
import { answering } from "../state/host";
import { BY_HAND } from "../state/paintings";
import type { Studio } from "../state/studio";
import { useStore } from "../state/store";
import { sizeIndex, SIZES } from "../tools/brush";
import { MODES } from "../tools/paint";
import type { PaintView } from "../tools/tool";

const VIEWS: readonly [PaintView, string][] = [["both", "Both"], ["result", "Result"], ["strokes", "Strokes"]];

/** The paint tool's settings. The labels to paint with are in the list of labels. */
export function PaintPanel({ studio }: { studio: Studio }): ReactElement | null {
  const settings = useStore(studio.store, (s) => s.paintSettings);
  const maps = useStore(studio.store, (s) => s.paintPreview ?? s.session?.painting);
  const shown = useStore(studio.store, () => studio.toolInfo?.paints ?? false);
  useStore(studio.store, (s) => s.project?.labels); // their colours
  if (!shown) return null;
  const { label, erase, freeze, size, mode, view, opacity } = settings;
  const set = studio.paintings.set;
  const color = erase || label === null ? null : studio.paintings.colorOf(label);
  const covered = maps ? share(maps.class_map) : 0;
  return (
    <section aria-label="Paint" className="paint">
      <header>
        <h2>Paint</h2>
        <span className="loaded" role="status" aria-label="Painting with">
          <i className={color === null ? "swatch none" : "swatch"} style={color === null ? undefined : { background: color }} />
          <b>{erase ? "Eraser" : (label ?? "No label yet")}</b>
        </span>
      </header>
      <div className="modes" role="group" aria-label="Pointer mode">
        {MODES.map((m) => (
          <button key={m.mode} aria-pressed={m.mode === mode} title={`${m.what} (${m.key})`} onClick={() => set({ mode: m.mode })}>
            {m.title} <kbd>{m.key}</kbd>
          </button>
        ))}
      </div>
      <p className="quiet">{MODES.find((m) => m.mode === mode)?.what}</p>
      <div className="rows">
        <label htmlFor="paint-size">Size</label>
        <span className="cells" title="Of the brush across: [ and ], or Alt and the wheel">
          <input id="paint-size" type="range" min={0} max={SIZES.length - 1} value={sizeIndex(size)} onChange={(e) => set({ size: SIZES[Number(e.target.value)] ?? size })} />
          <output htmlFor="paint-size">{size} px</output>
        </span>

        <span role="group" aria-label="Brush" className="cells wide">
          <button aria-pressed={erase} title="Take paint away (W; the right button does so, too)" onClick={() => set({ erase: !erase })}>Eraser <kbd>W</kbd></button>
          <button aria-pressed={freeze} title="What was painted before stays: paint along its edge (F)" onClick={() => set({ freeze: !freeze })}>Freeze <kbd>F</kbd></button>
        </span>

        <span id="paint-view">Show</span>
        <span role="group" aria-labelledby="paint-view" className="cells" title="Step through with V">
          {VIEWS.map(([value, title]) => (
            <button key={value} aria-pressed={view === value} onClick={() => set({ view: value })}>{title}</button>
          ))}
        </span>

        <label htmlFor="paint-opacity">Opacity</label>
        <span className="cells">
          <input id="paint-opacity" type="range" min={0.05} max={1} step={0.05} value={opacity} onChange={(e) => set({ opacity: Number(e.target.value) })} />
          <output htmlFor="paint-opacity">{Math.round(100 * opacity)} %</output>
        </span>
        <Propagation studio={studio} />
      </div>
      <div className="covered" role="progressbar" aria-label="Pixels with a label" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.floor(100 * covered)} style={{ "--share": covered } as CSSProperties}>
        <i />
        <small>{covered === 0 ? "Nothing painted yet" : `${Math.floor(100 * covered)} % of the image has a label`}</small>
      </div>
    </section>
  );
}

/** Whether a method propagates the strokes over the image; where there is a choice. */
function Propagation({ studio }: { studio: Studio }): ReactElement | null {
  const info = studio.toolInfo;
  const method = useStore(studio.store, (s) => (info ? answering(s, info).name : ""));
  const methods = useStore(studio.store, (s) => s.project?.methods)?.filter((m) => info?.fits(m)) ?? [];
  const { propagating } = studio.paintings;
  if (!propagating || !methods.some((m) => m.name === BY_HAND)) return null;
  const on = method !== BY_HAND;
  return (
    <>
      <span id="paint-propagation">Propagate</span>
      <span role="group" aria-labelledby="paint-propagation" className="cells" title="Whether paint spreads to pixels that look alike">
        <button aria-pressed={on} onClick={() => studio.setMethod(propagating)}>On</button>
        <button aria-pressed={!on} onClick={() => studio.setMethod(BY_HAND)}>Off</button>
      </span>
    </>
  );
}
