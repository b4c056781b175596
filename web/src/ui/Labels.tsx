import { useState, type ReactElement } from "react";
import { focusStage } from "../canvas/Stage";
import { selectedObject } from "../state/state";
import type { Studio } from "../state/studio";
import { useStore } from "../state/store";
import { CANDIDATE_KEYS } from "./commands";

export function Labels({ studio }: { studio: Studio }): ReactElement {
  const labels = useStore(studio.store, (s) => s.project?.labels);
  const current = useStore(studio.store, (s) => (selectedObject(s) ? (selectedObject(s)?.label ?? null) : s.label));
  const selected = useStore(studio.store, (s) => s.selected);
  const shifted = useStore(studio.store, (s) => s.candidates !== null);
  const [typed, setTyped] = useState("");

  const submit = () => {
    void studio.createLabel(typed);
    setTyped("");
    focusStage();
  };

  return (
    <section aria-label="Labels" className="labels">
      <header>
        <h2>Labels</h2>
        <span className="quiet">{selected === null ? "for the next object" : "of the selected object"}</span>
      </header>
      <form onSubmit={(e) => { e.preventDefault(); submit(); }}>
        <input
          id="new-label"
          placeholder="Type a label, then Enter"
          aria-label="New label"
          autoComplete="off"
          maxLength={100}
          value={typed}
          onChange={(e) => setTyped(e.target.value)}
          onKeyDown={(e) => e.key === "Escape" && focusStage()}
        />
      </form>
      <ul className="scroll">
        {labels?.map((label, i) => (
          <li key={label.name}>
            <button className="label" aria-pressed={label.name === current} onClick={() => studio.setLabel(label.name === current ? null : label.name)}>
              <i className="swatch" style={{ background: label.color }} />
              <span className="name">{label.name}</span>
              {i < 9 && <kbd>{shifted && i < CANDIDATE_KEYS ? `⇧ ${i + 1}` : i + 1}</kbd>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
