"use strict";
// Filters the table. The page is whole without it.
(() => {
  const table = document.querySelector(".breaks");
  if (!table) return;
  const tools = document.querySelector(".tools");
  const search = document.querySelector("#search");
  const kind = document.querySelector("#kind");
  const count = document.querySelector("#count");
  const none = document.querySelector(".none");
  const rows = [...table.tBodies];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, place) => {
      const fits =
        (!kind.value || row.dataset.classes.split(" ").includes(kind.value)) &&
        words.every((word) => texts[place].includes(word));
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    count.textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
    none.hidden = shown > 0;
    table.hidden = shown === 0;
  };
  let waiting = 0;
  search.addEventListener("input", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(show);
  });
  kind.addEventListener("change", show);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    }
  });
  tools.hidden = false;
  show();
})();
