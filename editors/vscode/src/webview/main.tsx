// The page of the chat: puts its parts together and draws it.

import { render } from "preact";
import { Actions } from "./actions";
import { AppContext, begin, type App } from "./app";
import { Host } from "./host";
import { Listener } from "./news";
import { Chat } from "./view/chat";
import "./style/main.css";

const parts = begin(new Host());
const app: App = { ...parts, actions: new Actions(parts) };
const root = document.getElementById("root");
if (root !== null) {
  render(
    <AppContext.Provider value={app}>
      <Chat />
    </AppContext.Provider>,
    root,
  );
}
new Listener(app).start();
