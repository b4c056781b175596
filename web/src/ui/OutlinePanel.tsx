import { useRef, useState, type ReactElement } from "react";
import { focusStage } from "../canvas/Stage";
import type { Studio } from "../state/studio";
import { useStore } from "../state/store";
import { OutlineTool } from "../tools/outline";
import { FEWEST_VERTICES, MOST_REACH, MOST_VERTICES } from "../tools/outlineEditor";
import { Icon } from "./Icon";

const CURVES = [["spline", "Spline"], ["polygon", "Polygon"]] as const;
const MOST_TOLERANCE = 50;

/** The outline tool's settings, and what can be done to the selected object's outline as a whole. */
export function OutlinePanel({ studio }: { studio: Studio }): ReactElement | null {
  useStore(studio.store, (s) => s.toolRevision);
  useStore(studio.store, (s) => s.outlineSettings);
  const [tolerance, setTolerance] = useState(1);
  if (!(studio.tool instanceof OutlineTool)) return null;
  const { editor } = studio.tool;
  const { outline, object, settings } = editor;
  const rings = outline?.rings.map((ring) => ring.points.length) ?? [];
  return (
    <section aria-label="Outline" className="outline">
      <header>
        <h2>Outline</h2>
        <span className="quiet">{outline ? "of the selected object" : object ? "not of this mask yet" : "of the next object"}</span>
      </header>
      <div className="rows">
        <label htmlFor="outline-points">Points</label>
        <span className="cells">
          <NumberField id="outline-points" value={rings[0] ?? settings.vertices} least={FEWEST_VERTICES} most={MOST_VERTICES} set={(n) => editor.setVertices(n)} />
          {rings.length > 1 && <small title="Of each part and hole">{rings.join(" + ")}</small>}
        </span>

        <span id="outline-reach">Reach</span>
        <span role="group" aria-labelledby="outline-reach" className="cells" title="Neighbours on each side that may follow a dragged point">
          <button aria-label="Fewer neighbours follow" title="Fewer ([)" disabled={settings.reach === 0} onClick={() => editor.setReach(settings.reach - 1)}><Icon name="minus" /></button>
          <output aria-label="Reach">{settings.reach}</output>
          <button aria-label="More neighbours follow" title="More (])" disabled={settings.reach === MOST_REACH} onClick={() => editor.setReach(settings.reach + 1)}><Icon name="plus" /></button>
          <small>{settings.reach === 0 ? "the point alone" : "on each side"}</small>
        </span>

        <span id="outline-curve">Curve</span>
        <span role="group" aria-labelledby="outline-curve" className="cells" title="Switch with S">
          {CURVES.map(([curve, title]) => (
            <button key={curve} aria-pressed={editor.curve === curve} onClick={() => editor.setCurve(curve)}>{title}</button>
          ))}
        </span>

        {outline ? (
          <>
            <label htmlFor="outline-tolerance">Within</label>
            <span className="cells" title="As few points as keep the line within so many pixels of the mask's edge">
              <NumberField id="outline-tolerance" value={tolerance} least={0} most={MOST_TOLERANCE} set={setTolerance} />
              <small>px</small>
              <button onClick={() => editor.simplify(tolerance)}>Simplify</button>
            </span>
          </>
        ) : (
          <button className="wide" disabled={!object} title="Give the selected object's mask an outline (Enter)" onClick={() => editor.makeOutline()}>Edit as outline</button>
        )}
      </div>
    </section>
  );
}

interface Field {
  id: string;
  value: number;
  least: number;
  most: number;
  set: (value: number) => void;
}

/** A number that counts once it is finished: with Enter, or when the field is left. */
function NumberField({ id, value, least, most, set }: Field): ReactElement {
  const [typed, setTyped] = useState<string | null>(null);
  const dropped = useRef(false); // by Escape: the field is left before a new state would be seen
  const finish = () => {
    const number = Number(typed);
    const counts = !dropped.current && typed !== null && typed !== "" && Number.isFinite(number) && number !== value;
    setTyped(null);
    dropped.current = false;
    if (counts) set(Math.min(Math.max(number, least), most));
  };
  return (
    <input
      id={id}
      type="number"
      min={least}
      max={most}
      value={typed ?? value}
      onChange={(e) => setTyped(e.target.value)}
      onBlur={finish}
      onKeyDown={(e) => {
        if (e.key === "Escape") dropped.current = true;
        if (e.key === "Enter" || e.key === "Escape") focusStage();
      }}
    />
  );
}
