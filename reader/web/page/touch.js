// Reading by touch: buttons for keys, the on-screen keyboard, swiping, and the size of the text.

const SMALLEST = 8;
const LARGEST = 40;
const WHEEL_LINES = 2; // How many lines the reader scrolls for each step of the wheel.
const HOLD = 400; // Milliseconds until a button that is held repeats its key.
const REPEAT = 70;
const AT_REST = "  "; // What the field holds, so that the keyboard has something to delete.

/** A size of text from a string, in pixels; null if it is not a valid size. */
export function validTextSize(text) {
  const size = Math.round(Number(text));
  return size >= SMALLEST && size <= LARGEST ? size : null;
}

/** The size that was chosen in this browser; null if none was. */
export function savedTextSize() {
  return validTextSize(recall("text-size"));
}

/** Make the session usable by touch; returns a function that is called with whether keys type letters now. */
export function addTouch(session, element) {
  const { terminal } = session;
  const isTouch = matchMedia("(pointer: coarse)").matches;
  const changeSize = (size) => {
    const valid = Math.min(LARGEST, Math.max(SMALLEST, Math.round(size)));
    if (valid !== Number(terminal.options.fontSize)) {
      terminal.options.fontSize = valid;
      session.fit();
      remember("text-size", valid);
    }
  };
  addGestures(terminal, element, changeSize);
  const keyboard = isTouch ? addKeyboard(terminal, element) : { open() {}, close() {}, toggle() {} };
  addButtons(terminal, changeSize, keyboard);
  return (typing) => (typing ? keyboard.open() : keyboard.close());
}

/** The row of buttons. */
function addButtons(terminal, changeSize, keyboard) {
  const keys = document.getElementById("keys");
  const act = (button) => {
    const { key, code, ctrl, size, types } = button.dataset;
    if (size) {
      changeSize(Number(terminal.options.fontSize) + Number(size));
    } else if (key) {
      if (types !== undefined) {
        // Some browsers open the keyboard only while they handle a touch.
        keyboard.open();
      }
      pressKey(terminal, { key, keyCode: Number(code), ctrlKey: ctrl !== undefined });
    } else if (button.id === "keyboard") {
      keyboard.toggle();
    } else {
      showKeys(button.id === "show");
    }
  };
  const showKeys = (shown) => {
    document.body.classList.toggle("-no-keys", !shown);
    remember("keys", shown ? "shown" : "hidden");
  };
  showKeys(recall("keys") !== "hidden");
  keys.hidden = false;

  let timer;
  const release = () => clearTimeout(timer);
  keys.addEventListener("pointerdown", (event) => {
    const button = event.target.closest("button[data-repeats]");
    if (button && event.button === 0) {
      const repeat = () => {
        act(button);
        timer = setTimeout(repeat, REPEAT);
      };
      release();
      act(button);
      timer = setTimeout(repeat, HOLD);
    }
  });
  for (const name of ["pointerup", "pointercancel", "blur", "pagehide"]) {
    window.addEventListener(name, release);
  }
  keys.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    // A click without a pointer comes from a screen reader or a keyboard.
    if (button && (button.dataset.repeats === undefined || event.detail === 0)) {
      act(button);
    }
  });
  // The focus stays in the terminal, and holding a button opens no menu.
  for (const name of ["mousedown", "contextmenu"]) {
    keys.addEventListener(name, (event) => event.preventDefault());
  }
}

/** Press a key as a keyboard does: the terminal knows what to send for it. */
function pressKey(terminal, key) {
  const field = terminal.textarea;
  field.focus({ preventScroll: true });
  for (const name of ["keydown", "keyup"]) {
    field.dispatchEvent(new KeyboardEvent(name, { ...key, bubbles: true, cancelable: true }));
  }
}

/** The on-screen keyboard: open only while letters are typed, and every change is sent at once. */
function addKeyboard(terminal, element) {
  const field = terminal.textarea;
  const button = document.getElementById("keyboard");
  const setOpen = (open) => {
    field.inputMode = open ? "text" : "none";
    button.setAttribute("aria-pressed", String(open));
    if (open) {
      field.focus({ preventScroll: true });
    }
  };
  setOpen(false);

  // The terminal would wait for the end of a word that the keyboard composes, and miss corrections.
  let before = "";
  let composing = false;
  const rest = () => {
    if (!composing) {
      field.value = AT_REST;
      before = AT_REST; // Not every deletion has a beforeinput event.
    }
  };
  const listeners = {
    keydown: (event) => event.keyCode === 229,
    keyup: (event) => {
      rest();
      return event.keyCode === 229;
    },
    focus: rest,
    beforeinput: () => {
      before = field.value;
    },
    input: (event) => {
      if (event.inputType !== "insertFromPaste") {
        terminal.input(keysBetween(before, field.value));
      }
      before = field.value;
      rest();
      return true;
    },
    compositionstart: () => (composing = true),
    compositionupdate: () => true,
    compositionend: () => {
      composing = false;
      rest();
      return true;
    },
  };
  for (const [name, handle] of Object.entries(listeners)) {
    element.addEventListener(
      name,
      (event) => {
        if (handle(event)) {
          event.stopPropagation();
        }
      },
      true,
    );
  }
  return {
    open: () => setOpen(true),
    close: () => setOpen(false),
    toggle: () => setOpen(field.inputMode === "none"),
  };
}

/** The keys that turn one text into another: backspaces, then what is new. */
function keysBetween(before, after) {
  const old = [...before];
  const now = [...after];
  const same = old.findIndex((letter, n) => letter !== now[n]);
  const kept = same < 0 ? old.length : same;
  return "\x7f".repeat(old.length - kept) + now.slice(kept).join("").replaceAll("\n", "\r");
}

/** Swiping scrolls what is under the finger; two fingers change the size of the text. */
function addGestures(terminal, element, changeSize) {
  const fingers = new Map();
  let start; // Where a swipe began and how far it went, or how far apart two fingers were.
  const apart = () => {
    const [one, other] = fingers.values();
    return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") {
      return;
    }
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) {
      start = { apart: apart(), size: Number(terminal.options.fontSize) };
    } else {
      start = { clientX: event.clientX, clientY: event.clientY, y: event.clientY };
    }
  });
  element.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) {
      return;
    }
    fingers.set(event.pointerId, event);
    if (fingers.size === 2 && start.apart) {
      changeSize((start.size * apart()) / start.apart);
    } else if (fingers.size === 1 && start.y !== undefined) {
      const screen = element.querySelector(".xterm-screen");
      const step = (WHEEL_LINES * screen.clientHeight) / terminal.rows;
      const { clientX, clientY } = start;
      for (; Math.abs(start.y - event.clientY) >= step; start.y -= Math.sign(start.y - event.clientY) * step) {
        const deltaY = Math.sign(start.y - event.clientY);
        const about = { deltaY, deltaMode: WheelEvent.DOM_DELTA_LINE, clientX, clientY };
        screen.dispatchEvent(new WheelEvent("wheel", { ...about, bubbles: true, cancelable: true }));
      }
    }
  });
  for (const name of ["pointerup", "pointercancel"]) {
    window.addEventListener(name, (event) => {
      if (fingers.delete(event.pointerId)) {
        start = {}; // A finger that is left after a pinch does not scroll.
      }
    });
  }
}

/** Keep a choice in this browser; without its storage, until the page is closed. */
function remember(name, value) {
  try {
    localStorage.setItem(`protocol-reader.${name}`, String(value));
  } catch {
    // The browser stores nothing for this page.
  }
}

function recall(name) {
  try {
    return localStorage.getItem(`protocol-reader.${name}`);
  } catch {
    return null;
  }
}
