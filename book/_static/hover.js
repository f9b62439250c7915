// Cards for links: what a citation, figure, equation or definition says, without a click.
// The texts lie in <template data-card="href"> on the page itself; nothing is fetched.
(() => {
  const texts = new Map(
    [...document.querySelectorAll("template[data-card]")].map((t) => [t.dataset.card, t]),
  );
  if (!texts.size) return;
  const card = document.createElement("div");
  card.id = "hover-card";
  card.setAttribute("role", "tooltip");
  card.hidden = true;
  document.body.append(card);
  let owner = null;
  let timer = 0;

  function hide() {
    clearTimeout(timer);
    if (owner) owner.removeAttribute("aria-describedby");
    owner = null;
    card.hidden = true;
  }

  function show(link) {
    clearTimeout(timer);
    if (link === owner) return;
    hide();
    owner = link;
    card.replaceChildren(texts.get(link.getAttribute("href")).content.cloneNode(true));
    card.hidden = false;
    link.setAttribute("aria-describedby", card.id);
    place();
    if (card.querySelector(".math") && window.MathJax?.typesetPromise)
      window.MathJax.typesetPromise([card]).then(place);
  }

  function place() {
    if (!owner) return;
    const at = owner.getBoundingClientRect();
    const wide = document.documentElement.clientWidth;
    const left = Math.max(8, Math.min(at.left, wide - card.offsetWidth - 8));
    const below = at.bottom + 6 + card.offsetHeight < window.innerHeight;
    const top = below ? at.bottom + 6 : Math.max(8, at.top - card.offsetHeight - 6);
    card.style.left = `${left + window.scrollX}px`;
    card.style.top = `${top + window.scrollY}px`;
  }

  const later = (what, wait) => {
    clearTimeout(timer);
    timer = setTimeout(what, wait);
  };
  for (const link of document.querySelectorAll("article a[href*='#']")) {
    if (!texts.has(link.getAttribute("href")) || link.matches(".headerlink")) continue;
    link.removeAttribute("title");
    link.addEventListener("mouseenter", () => later(() => show(link), 150));
    link.addEventListener("mouseleave", () => later(hide, 250));
    link.addEventListener("focus", () => show(link));
    link.addEventListener("blur", hide);
  }
  card.addEventListener("mouseenter", () => clearTimeout(timer));
  card.addEventListener("mouseleave", () => later(hide, 250));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
})();
