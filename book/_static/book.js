"use strict";
// Tables that are wider than their place become cards, one per row; one switch unfolds all code.

const NUMBER = /^[-+−<]?[\d.,]+(e[-+]\d+)?( ?%)?$/;

function label(table) {
  const heads = [...table.tHead.rows].map((row) => {
    const texts = [];
    for (const cell of row.cells)
      for (let i = 0; i < cell.colSpan; i++) texts.push(cell.textContent.trim());
    return texts;
  });
  const spans = [];
  for (const row of [...table.tBodies].flatMap((body) => [...body.rows])) {
    for (const span of spans.filter((each) => each.left > 0).reverse()) {
      const copy = span.cell.cloneNode(true);
      copy.removeAttribute("rowspan");
      copy.removeAttribute("id");
      copy.className = "card-only";
      row.prepend(copy);
      span.left -= 1;
    }
    let column = 0;
    for (const cell of row.cells) {
      const names = heads.map((texts) => texts[column]).filter((text) => text);
      cell.dataset.label = [...new Set(names)].join(", ");
      if (NUMBER.test(cell.textContent.trim())) cell.classList.add("number");
      column += cell.colSpan;
      if (cell.rowSpan > 1) spans.push({ cell, left: cell.rowSpan - 1 });
    }
  }
}

function fit(table) {
  table.classList.remove("as-cards");
  let place = table.parentElement;
  while (getComputedStyle(place).display === "inline") place = place.parentElement;
  if (table.offsetWidth > place.clientWidth + 1) table.classList.add("as-cards");
}

function addSwitch() {
  const folded = [...document.querySelectorAll(".bd-article details.hide")];
  const facts = document.querySelector(".page-facts");
  if (folded.length < 2 || !facts) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "all-code";
  const say = () => {
    const open = folded.every((each) => each.open);
    button.textContent = open ? "Hide all code" : "Show all code";
    button.setAttribute("aria-pressed", String(open));
  };
  button.addEventListener("click", () => {
    const open = !folded.every((each) => each.open);
    for (const each of folded) each.open = open;
    say();
  });
  say();
  facts.append(" ", button);
}

document.addEventListener("DOMContentLoaded", () => {
  const tables = [...document.querySelectorAll(".bd-article table")].filter(
    (table) => table.tHead && table.tBodies.length && !table.closest(".run-card, .answers"),
  );
  tables.forEach(label);
  const fitAll = () => tables.forEach(fit);
  fitAll();
  window.addEventListener("resize", fitAll);
  addSwitch();
});
