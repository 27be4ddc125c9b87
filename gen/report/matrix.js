/* SPDX-License-Identifier: MIT */
(() => {
  "use strict";
  const table = document.getElementById("matrix");
  const cells = [...table.querySelectorAll("td a")];
  if (cells.length === 0) return;
  // One cell at a time is in the order of the tabulator; arrows go to the others.
  let at = cells[0];
  for (const a of cells) a.tabIndex = -1;
  const choose = (a) => {
    at.tabIndex = -1;
    a.tabIndex = 0;
    at = a;
  };
  choose(at);
  const step = (dx, dy) => {
    let { rowIndex: y } = at.closest("tr");
    let { cellIndex: x } = at.closest("td");
    for (;;) {
      x += dx;
      y += dy;
      const td = table.rows[y]?.cells[x];
      if (!td) return;
      const a = td.querySelector("a");
      if (a) return a.focus();
    }
  };
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  table.addEventListener("focusin", (e) => {
    const a = e.target.closest("td a");
    if (a) choose(a);
  });
  table.addEventListener("keydown", (e) => {
    const move = moves[e.key];
    const row = [...at.closest("tr").querySelectorAll("td a")];
    if (move) step(...move);
    else if (e.key === "Home") row[0].focus();
    else if (e.key === "End") row[row.length - 1].focus();
    else return;
    e.preventDefault();
  });
  addEventListener("keydown", (e) => {
    if (e.key === "Escape") at.focus();
  });
  const mark = () => {
    for (const a of cells) a.removeAttribute("aria-current");
    if (!location.hash) return;
    for (const a of cells) if (a.hash === location.hash) a.setAttribute("aria-current", "true");
    const open = cells.find((a) => a.hash === location.hash);
    if (open && at.hash !== location.hash) choose(open);
  };
  addEventListener("hashchange", mark);
  mark();
  document.getElementById("keys").textContent =
    " The arrow keys go from cell to cell, Enter opens one, Escape returns to the table.";
})();
