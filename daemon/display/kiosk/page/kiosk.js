// The page: shows what the box says, and its own pictures while the box says nothing.
// It knows no words and no figures of its own; every text comes from the box, ready to be shown.
"use strict";

const RETRY_MS = 1000; // until a lost box is called again
const OFFLINE_MS = 1500; // then what it said last is no longer true: back to the pictures
const SILENT_MS = 15000; // the box beats every five seconds
const ALIVE_MS = 10000;
const TROUBLE_CHARS = 200;
const ADS = { kind: "ads" };

const page = Math.random().toString(36).slice(2, 10);
const player = new Player(document.getElementById("ads"));
let source = null;
let heardMs = 0;
let offline = 0;
let trouble = "";
let house = {};
let shown = ADS; // what stands on the page

const all = (root, selector) => root.querySelectorAll(selector);
const one = (root, selector) => root.querySelector(selector);

// -- the box ---------------------------------------------------------------------------------

function connect() {
  source = new EventSource("/events");
  const on = (name, take) =>
    source.addEventListener(name, (event) => {
      heard();
      take(JSON.parse(event.data));
    });
  on("hello", hello);
  on("show", show);
  on("view", render);
  on("clerk", strip);
  on("practice", practice);
  on("beat", () => {});
  source.onerror = lost;
  heardMs = performance.now();
}

function heard() {
  heardMs = performance.now();
  clearTimeout(offline);
  offline = 0;
}

function lost() {
  if (!source) return;
  source.close();
  source = null;
  if (!offline) offline = setTimeout(() => { render(ADS); strip({}); }, OFFLINE_MS);
  setTimeout(connect, RETRY_MS);
}

function alive() {
  const said = { page, view: document.body.dataset.view, failed: [...player.failed], trouble };
  fetch("/alive", { method: "POST", body: JSON.stringify(said) }).catch(() => {});
}

// -- what it says ----------------------------------------------------------------------------

function hello(said) {
  if (said.tag !== document.body.dataset.tag) return location.reload();
  house = said;
  document.documentElement.lang = said.language;
  document.body.dataset.strip = said.clerk ? "yes" : "no";
  const logo = document.getElementById("logo");
  logo.hidden = !said.logo;
  if (said.logo && logo.getAttribute("src") !== said.logo) logo.src = said.logo;
  document.getElementById("chain").hidden = Boolean(said.logo);
  text(document.getElementById("chain"), said.chain);
  text(document.getElementById("shop"), said.shop);
  text(document.getElementById("welcome"), said.welcome);
  alive();
}

function practice(said) {
  document.body.dataset.practice = said.words ? "yes" : "no";
  text(document.getElementById("practice"), said.words);
  render(shown);
}

function show(said) {
  document.body.dataset.open = said.open ? "yes" : "no";
  player.play(said);
}

function render(view) {
  shown = view;
  const section = document.getElementById(view.kind);
  if (!section) return;
  for (const mark of all(section, ".mark")) text(mark, view.mark);
  for (const title of all(section, ".title")) text(title, view.title);
  const fill = { till, thanks, member, price }[view.kind];
  if (fill) fill(section, view);
  document.body.dataset.view = view.kind;
  if (view.kind === "ads") player.resume();
  else player.pause();
  if (view.kind === "till") lines(view);
  for (const block of all(section, "aside > .member")) trim(block);
}

function till(section, view) {
  section.dataset.paid = "no";
  text(one(section, ".notice"), view.notice);
  beside(section, view);
}

function thanks(section, view) {
  text(one(section, ".house"), house.chain ? `${house.chain} ${house.shop}` : "");
  beside(section, view);
}

function member(section, view) {
  const who = view.member || {};
  text(one(section, ".name"), who.name);
  const about = [who.level, who.card].filter(Boolean).join("　");
  text(one(section, ".card"), about);
  one(section, ".points").replaceChildren(...(who.points ? [figure(who.points, "figure")] : []));
  one(section, ".gifts").replaceChildren(...gifts(who, view));
  one(section, ".sums").replaceChildren(...sums([...(view.sums || [])]));
}

function price(section, view) {
  one(section, ".main").replaceChildren(figure(view.main, "figure"));
  one(section, ".sums").replaceChildren(...sums(view.sums));
}

/** The right side, the same for a basket and for the thanks: member above, money below. */
function beside(section, view) {
  const who = view.member;
  const parts = [];
  if (who) {
    parts.push(element("h3", "name", who.name));
    const about = [who.level, who.card].filter(Boolean).join("　");
    if (about) parts.push(element("p", "card", about));
    if (who.points) parts.push(figure(who.points, "points"));
    parts.push(...gifts(who, view));
  } else if (view.invite) {
    parts.push(element("p", "invite", view.invite));
  }
  one(section, ".member").replaceChildren(...parts);
  one(section, ".sums").replaceChildren(...sums(view.sums));
  one(section, ".main").replaceChildren(...(view.main ? [figure(view.main, "figure")] : []));
}

function gifts(who, view) {
  const parts = [];
  if (who.gifts && who.gifts.length) {
    const list = element("ul", "gifts");
    for (const gift of who.gifts) {
      const row = element("li", gift.lacks ? "lacking" : "ready");
      row.append(element("span", "what", gift.name), element("span", "cost", gift.lacks || gift.points));
      list.append(row);
    }
    parts.push(element("h4", "", who.buys), list);
  }
  if (who.lapse) {
    const lapse = figure(who.lapse, "lapse");
    lapse.append(element("span", "on", who.lapse_on));
    parts.push(lapse);
  }
  return parts;
}

/** Take out what does not fit beside the money, the least wanted first; nothing is cut in half. */
function trim(block) {
  const [first, ...more] = all(block, "li");
  const wanted = [...more.reverse(), one(block, ".card"), one(block, ".lapse"), first];
  for (const part of wanted) {
    if (block.scrollHeight <= block.clientHeight) return;
    if (!part) continue;
    part.remove();
    const list = one(block, "ul");
    if (list && !list.children.length) for (const empty of all(block, "ul, h4")) empty.remove();
  }
}

/** As many of the last lines as fit; the fresh one is always among them. */
function lines(view) {
  const list = document.getElementById("lines");
  const rows = (view.lines || []).map(line);
  list.replaceChildren(...rows);
  const fresh = Math.max(0, rows.findIndex((row) => row.classList.contains("fresh")));
  let hidden = view.above || 0;
  for (let at = 0; at < rows.length && list.scrollHeight > list.clientHeight; at++) {
    const row = at < fresh ? rows[at] : rows[rows.length - 1 - (at - fresh)];
    if (row.classList.contains("fresh") && rows.length - hidden === 1) break;
    row.remove();
    hidden++;
  }
  text(document.getElementById("earlier"), hidden ? view.earlier.replace("{n}", hidden) : "");
}

function line(said) {
  const row = element("li", said.fresh ? "fresh" : "");
  const about = element("span", "about");
  if (said.mark) about.append(element("em", "", said.mark));
  about.append(element("span", "amount", said.amount));
  if (said.was) about.append(element("span", "was", said.was));
  row.append(element("span", "name", said.name), element("span", "paid", said.paid), about);
  return row;
}

function strip(said) {
  const root = document.getElementById("strip");
  root.dataset.tone = said.tone || "";
  text(one(root, ".code"), said.code);
  text(one(root, ".said"), said.words);
  text(one(root, ".typed"), said.typed);
  const choices = (said.choices || []).map((choice) => {
    const span = element("span", choice.here ? "here" : "");
    span.append(element("b", "", choice.key), ` ${choice.words}`);
    return span;
  });
  one(root, ".choices").replaceChildren(...choices);
}

// -- elements --------------------------------------------------------------------------------

function sums(figures) {
  return (figures || []).map((said) => figure(said, "sum"));
}

function figure(said, name) {
  const root = element("div", name);
  const value = element("span", "value");
  if (said.money) value.append(element("span", "sign", "¥"));
  value.append(said.value);
  value.style.setProperty("--ems", width(said.value) + (said.money ? 0.6 : 0));
  root.append(element("span", "label", said.label), value);
  return root;
}

function element(tag, name, said) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (said !== undefined) text(made, said);
  return made;
}

/** Set a text, and tell the styles how wide it is, so that what is long becomes smaller. */
function text(target, said) {
  const words = said || "";
  if (target.textContent !== words) target.textContent = words;
  target.style.setProperty("--ems", Math.max(1, width(words)));
}

/** The width of a text in ems, as our font has it, roughly. */
function width(words) {
  let ems = 0;
  for (const char of words) ems += char > "\u2e7f" ? 1 : ".,:1lIi' ".includes(char) && char !== "1" ? 0.28 : 0.56;
  return ems;
}

// -- life ------------------------------------------------------------------------------------

window.addEventListener("error", (event) => { trouble = String(event.message).slice(0, TROUBLE_CHARS); });
window.addEventListener("unhandledrejection", (event) => { trouble = String(event.reason).slice(0, TROUBLE_CHARS); });
setInterval(() => { if (source && performance.now() - heardMs > SILENT_MS) lost(); }, 1000);
setInterval(alive, ALIVE_MS);
window.addEventListener("resize", () => render(shown));
connect();
