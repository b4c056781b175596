import { useEffect, useRef, type ReactElement } from "react";
import type { Studio } from "../state/studio";
import { useStore } from "../state/store";
import { COMMANDS } from "./commands";
import { Icon } from "./Icon";

/** All keyboard shortcuts, from the lists that also run them. */
export function Help({ studio }: { studio: Studio }): ReactElement {
  const open = useStore(studio.store, (s) => s.help);
  useStore(studio.store, (s) => s.project?.methods); // they decide on the tools
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  const close = () => studio.store.set({ help: false });
  const groups: [string, { keys: string[]; what: string }[]][] = [
    ...studio.tools.map((tool): [string, typeof tool.keys] => [tool.title, [...tool.keys, { keys: [tool.shortcut], what: "choose this tool" }]]),
    ...(["Objects and labels", "View", "Images"] as const).map((group): [string, { keys: string[]; what: string }[]] => [group, COMMANDS.filter((c) => c.group === group)]),
  ];
  return (
    <dialog ref={dialog} className="help" aria-label="Keyboard shortcuts" onClose={close} onClick={(e) => e.target === dialog.current && close()}>
      <header>
        <h2>Keyboard shortcuts</h2>
        <button className="quiet-button" aria-label="Close" onClick={close}><Icon name="close" /></button>
      </header>
      <div className="columns">
        {groups.map(([title, keys]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(({ keys: names, what }) => (
                <div key={what}>
                  <dt>{names.map((name) => <kbd key={name}>{name}</kbd>)}</dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </dialog>
  );
}
