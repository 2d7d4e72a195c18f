"use strict";
// The token is kept in a cookie by now: it need not stay in the address, nor in the browser's history.
const address = new URL(location.href);
address.searchParams.delete("token");
history.replaceState(null, "", address);

const begin = window.onload;
window.onload = async (event) => {
  const terminal = document.getElementById("terminal");
  // The page knows best how it was reached, also through a tunnel or a proxy.
  terminal.dataset.sessionWebsocketUrl = location.origin.replace(/^http/, "ws") + "/ws";
  const size = Number(address.searchParams.get("fontsize"));
  if (size >= 8 && size <= 40) {
    terminal.dataset.fontSize = String(size);
  }
  document.getElementById("again").addEventListener("click", (click) => {
    click.preventDefault();
    location.reload();
  });
  // The terminal measures its cells once, so the letters must be there.
  const faces = ["16px", "bold 16px", "italic 16px", "italic bold 16px"];
  await Promise.allSettled(faces.map((face) => document.fonts.load(`${face} "Roboto Mono"`)));
  begin(event);
  document.querySelector(".xterm-helper-textarea")?.focus();
};
