// Plays pictures and videos one after the other, without pause and without a flash: the next one
// stands ready in the hidden layer before the one that is seen goes away.
"use strict";

const READY_WITHIN_MS = 15000; // a picture that takes longer is passed over, and told
const FADE_MS = 700; // as in kiosk.css
const FIT_RATIO = 1.15; // pictures nearly as wide as the screen fill it; others keep their edges
const WAIT_MS = 5000; // until what failed is tried again, when nothing else is there

class Player {
  constructor(root) {
    this.root = root;
    this.layers = [...root.querySelectorAll(".layer")];
    this.front = 0; // the layer that is seen
    this.items = [];
    this.at = -1; // of the item that is seen
    this.failed = new Set();
    this.running = true;
    this.turn = 0; // whatever began in an older turn has nothing to say
    this.timer = 0;
    this.shown = null; // the element that is seen
  }

  /** Take a new list; what is seen now plays on to its end. */
  play(show) {
    const now = this.items[this.at];
    const idle = this.shown === null;
    this.items = show.items;
    this.root.dataset.transition = show.transition;
    const urls = new Set(show.items.map((item) => item.url));
    for (const url of this.failed) if (!urls.has(url)) this.failed.delete(url);
    this.at = now ? this.items.findIndex((item) => item.url === now.url) : -1;
    if (idle || !urls.size) this.next();
    else if (now && now.kind === "video") this.shown.loop = this.items.length === 1 && this.at === 0;
    else if (!this.timer && this.items.length > 1) this.next();
  }

  pause() {
    this.running = false;
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.shown && this.shown.pause) this.shown.pause();
  }

  resume() {
    if (this.running) return;
    this.running = true;
    if (!this.shown) return this.next();
    if (this.shown.play) this.shown.play().catch(() => this.next());
    this.stay(this.items[this.at]);
  }

  async next() {
    const turn = ++this.turn;
    clearTimeout(this.timer);
    this.timer = 0;
    const at = this.following();
    if (at < 0) {
      this.swap(null);
      if (this.items.length) this.timer = setTimeout(() => this.again(), WAIT_MS);
      return;
    }
    const item = this.items[at];
    if (at === this.at && this.shown) return this.stay(item); // the only one
    const element = await this.ready(item).catch(() => null);
    if (turn !== this.turn) return;
    if (!element) {
      this.failed.add(item.url);
      return this.next();
    }
    this.at = at;
    this.swap(element);
    if (item.kind === "video") {
      element.loop = this.items.length === 1;
      element.onended = () => this.next();
      element.onerror = () => { this.failed.add(item.url); this.next(); };
      if (this.running) element.play().catch(() => this.next());
    }
    this.stay(item);
  }

  again() {
    this.failed.clear();
    this.next();
  }

  /** Return the place of the next item that can be shown, -1 when there is none. */
  following() {
    for (let step = 1; step <= this.items.length; step++) {
      const at = (this.at + step) % this.items.length;
      if (!this.failed.has(this.items[at].url)) return at;
    }
    return -1;
  }

  stay(item) {
    clearTimeout(this.timer);
    this.timer = 0;
    if (!this.running || !item || !item.seconds || this.items.length < 2) return;
    this.timer = setTimeout(() => this.next(), item.seconds * 1000);
  }

  /** Return the element once its first frame can be painted. */
  ready(item) {
    return new Promise((done, fail) => {
      const element = document.createElement(item.kind === "video" ? "video" : "img");
      setTimeout(() => fail(new Error("late")), READY_WITHIN_MS);
      element.onerror = fail;
      if (item.kind === "video") {
        element.muted = true;
        element.playsInline = true;
        element.preload = "auto";
        element.oncanplay = () => done(element);
        element.src = item.url;
      } else {
        element.alt = "";
        element.src = item.url;
        element.decode().then(() => done(element), fail);
      }
    });
  }

  /** Bring an element (null: none, the brand is seen) to the front. */
  swap(element) {
    const [front, back] = [this.layers[this.front], this.layers[1 - this.front]];
    empty(back);
    if (element) {
      const wide = (element.videoWidth || element.naturalWidth) / (element.videoHeight || element.naturalHeight);
      const ratio = wide / (this.root.clientWidth / this.root.clientHeight);
      element.classList.toggle("fill", ratio < FIT_RATIO && ratio > 1 / FIT_RATIO);
      back.append(element);
      back.classList.add("seen");
      this.front = 1 - this.front;
    }
    front.classList.remove("seen");
    const turn = this.turn;
    setTimeout(() => { if (turn === this.turn || !front.classList.contains("seen")) empty(front); }, FADE_MS);
    this.shown = element;
  }
}

/** Take out what a layer holds; a video lets go of its file. */
function empty(layer) {
  for (const element of [...layer.children]) {
    element.onended = element.onerror = element.oncanplay = null;
    if (element.pause) {
      element.pause();
      element.removeAttribute("src");
      element.load();
    }
    element.remove();
  }
}
