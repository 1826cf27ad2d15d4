// The page's own script: formulas, what scrolls, the deeper sections, and a button to copy code. No network.
"use strict";

// Excerpts of what a search finds are fetched from the pages, which browsers allow on a server and not in a folder.
if (typeof DOCUMENTATION_OPTIONS !== "undefined" && location.protocol === "file:")
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

function setFormulas() {
  for (const each of document.querySelectorAll(".math:not(.is-set)")) {
    const latex = each.textContent;
    const options = { displayMode: each.classList.contains("block"), throwOnError: false, strict: false };
    katex.render(latex, each, options);
    each.classList.add("is-set");
    if (each.classList.contains("inline")) keepWithPunctuation(each);
  }
}

// Browsers may break a line before the full stop that follows a formula: they stay together, where both fit.
function keepWithPunctuation(formula) {
  const next = formula.nextSibling;
  const found = next && next.nodeType === Node.TEXT_NODE && next.data.match(/^[.,:;!?)\]’”"'–-]+/);
  if (!found || formula.textContent.length > 60) return;
  const kept = document.createElement("span");
  kept.className = "kept";
  next.data = next.data.slice(found[0].length);
  formula.before(kept);
  kept.append(formula, found[0]);
}

// A long name may go on in the next line after an underscore or a stroke.
function breakLongNames() {
  const names = [];
  for (const root of document.querySelectorAll(".bd-article, .bd-sidebar-secondary")) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const each = texts.currentNode, inside = (kinds) => each.parentElement.closest(kinds);
      if (/\w[_/.]\w/.test(each.data) && inside("td, th, code") && !inside("pre, .math, .genindextable"))
        names.push(each);
    }
  }
  for (const each of names) {
    const dots = each.parentElement.closest("code");  // and no address in a sentence
    const parts = each.data.split(dots ? /(?<=[_/]|\w\.)(?=[A-Za-z]\w)/ : /(?<=[_/])(?=[A-Za-z]\w)/);
    if (parts.length > 1 && each.data.length > 12)
      each.replaceWith(...parts.flatMap((part, n) => (n ? [document.createElement("wbr"), part] : [part])));
  }
}

// A line of code or of output that is too long goes on below, indented by more than it is itself (Pygments ends its
// spans with the lines). On a telephone, what was printed in columns scrolls instead.
function hangWrappedLines() {
  for (const each of document.querySelectorAll(".bd-article div[class*=highlight-] pre")) {
    each.closest("div[class*=highlight-]").classList.toggle("has-columns", /\S {2,}\S/.test(each.textContent));
    const lines = each.innerHTML.replace(/\n$/, "").split("\n");
    const indent = (line) => line.replace(/<[^>]*>/g, "").search(/[^ ]|$/);
    const shown = (line) => `<span class="code-line" style="--indent: ${indent(line)}ch">${line}\n</span>`;
    each.innerHTML = lines.map(shown).join("");
  }
}

// What is wider than the page scrolls by itself; then the keyboard has to reach it, too.
function reachWhatScrolls() {
  for (const each of document.querySelectorAll(".bd-article pre, .math.block, .pst-scrollable-table-container")) {
    const scrolls = each.scrollWidth > each.clientWidth + 1;
    if (scrolls) each.setAttribute("tabindex", "0");
    else each.removeAttribute("tabindex");
  }
}

// On a telephone the letters of a wide figure become small: a touch shows it in its own size.
function enlargeFigures() {
  if (!window.matchMedia("(max-width: 576px)").matches) return;
  for (const each of document.querySelectorAll("img.figure")) {
    if (parseInt(each.style.width, 10) < 450 || each.closest("a")) continue;
    const link = document.createElement("a");
    link.href = each.src;
    each.replaceWith(link);
    link.append(each);
  }
}

function hideDeeperSections() {
  const button = document.querySelector("button.core-only");
  if (!button || !document.querySelector("section.deeper")) return;
  const show = (core) => {
    document.documentElement.classList.toggle("core-path-only", core);
    button.setAttribute("aria-pressed", String(core));
  };
  const kept = () => { try { return localStorage.getItem("core-only") === "yes"; } catch { return false; } };
  button.hidden = false;
  button.addEventListener("click", () => {
    const core = button.getAttribute("aria-pressed") !== "true";
    show(core);
    try { localStorage.setItem("core-only", core ? "yes" : "no"); } catch { /* a folder may have no storage */ }
  });
  show(kept());
  const openTarget = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest("section.deeper")) { show(false); target.scrollIntoView(); }
  };
  window.addEventListener("hashchange", openTarget);
  openTarget();
}

function addCopyButtons() {
  if (!navigator.clipboard) return;
  for (const block of document.querySelectorAll(".cell div[class*=highlight-python], .solution div.highlight-python")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.querySelector("pre").textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    block.append(button);
  }
}

// An explorable in its frame says how tall it is, and is told whether the page is light or dark.
function followExplorables() {
  const frames = () => [...document.querySelectorAll(".explorable iframe")];
  const tell = (target) => target.postMessage({ theme: document.documentElement.dataset.theme }, "*");
  window.addEventListener("message", (event) => {
    if (!event.data || !event.data.explorable) return;
    for (const frame of frames()) {
      if (frame.contentWindow !== event.source) continue;
      frame.height = Math.ceil(event.data.height) + 2;  // its border
      tell(event.source);
    }
  });
  new MutationObserver(() => frames().forEach((frame) => tell(frame.contentWindow)))
    .observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
}

document.addEventListener("DOMContentLoaded", () => {
  followExplorables();
  setFormulas();
  breakLongNames();
  hangWrappedLines();
  hideDeeperSections();
  addCopyButtons();
  enlargeFigures();
  reachWhatScrolls();
  document.fonts.ready.then(reachWhatScrolls);
  window.addEventListener("load", reachWhatScrolls);
  window.addEventListener("resize", reachWhatScrolls);
  document.addEventListener("toggle", reachWhatScrolls, true);
  document.documentElement.classList.add("is-ready");
});
