import { addTouch, savedTextSize, validTextSize } from "./touch.js";

// The token is kept in a cookie by now: it need not stay in the address, nor in the browser's history.
const address = new URL(location.href);
address.searchParams.delete("token");
history.replaceState(null, "", address);

const begin = window.onload;
window.onload = async (event) => {
  const element = document.getElementById("terminal");
  // The page knows best how it was reached, also through a tunnel or a proxy.
  element.dataset.sessionWebsocketUrl = location.origin.replace(/^http/, "ws") + "/ws";
  const size = validTextSize(address.searchParams.get("fontsize")) ?? savedTextSize();
  if (size) {
    element.dataset.fontSize = String(size);
  }
  document.getElementById("again").addEventListener("click", (click) => {
    click.preventDefault();
    location.reload();
  });
  // The terminal measures its cells once, so the letters must be there.
  const faces = ["16px", "bold 16px", "italic 16px", "italic bold 16px"];
  await Promise.allSettled(faces.map((face) => document.fonts.load(`${face} "Roboto Mono"`)));
  const session = caught(() => begin(event));
  if (session) {
    guardSocket(session.socket);
    followSize(session, element);
    followColors(session.terminal);
    followFocus(session, addTouch(session, element));
  } else {
    document.querySelector(".xterm-helper-textarea")?.focus();
  }
};

/** textual.js keeps its session (terminal, socket, fit) to itself: catch it when it is given its fitAddon. */
function caught(start) {
  let session;
  Object.defineProperty(Object.prototype, "fitAddon", {
    configurable: true,
    set(addon) {
      delete Object.prototype.fitAddon;
      this.fitAddon = addon;
      session = this;
    },
  });
  try {
    start();
  } finally {
    delete Object.prototype.fitAddon;
  }
  return session;
}

/** Drop what textual.js sends before the socket is open or after it is closed: sending then is an error. */
function guardSocket(socket) {
  socket.send = (data) => {
    if (socket.readyState === WebSocket.OPEN) {
      WebSocket.prototype.send.call(socket, data);
    }
  };
}

/** Fit the terminal into its element, whatever changes that: the window, a rotation, the keyboard, the keys. */
function followSize(session, element) {
  window.onresize = null;
  new ResizeObserver(() => session.fit()).observe(element);
  // Some browsers lay their keyboard over the page: then only the visual viewport becomes smaller.
  const viewport = window.visualViewport;
  const follow = () => {
    if (viewport.scale === 1) {
      document.body.style.height = `${viewport.height}px`;
      window.scrollTo(0, 0);
    }
  };
  viewport?.addEventListener("resize", follow);
}

/** Give the page the background of the reader's theme, and readable letters on it. */
function followColors(terminal) {
  terminal.parser.registerOscHandler(11, (color) => {
    const parts = /^#(..)(..)(..)$/.exec(color);
    if (parts) {
      const [red, green, blue] = parts.slice(1).map((part) => parseInt(part, 16));
      const light = 0.3 * red + 0.59 * green + 0.11 * blue > 128;
      document.documentElement.style.setProperty("--background", color);
      document.documentElement.classList.toggle("-light", light);
    }
    return false; // The terminal's own handler colors the cells.
  });
}

/** Send the reader whether the page has the focus, once it listens; call `setTyping` with whether keys type letters. */
function followFocus(session, setTyping) {
  const field = session.terminal.textarea;
  let listens = false;
  field.focus({ preventScroll: true });
  session.terminal.parser.registerOscHandler(7770, (state) => {
    if (!listens && document.hasFocus() && document.activeElement === field) {
      session.onFocus();
    }
    listens = true;
    setTyping(state === "1");
    return true;
  });
}
