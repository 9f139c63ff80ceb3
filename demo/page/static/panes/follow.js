// Keeps the end of a list in sight while somebody is looking at it, however its messages grow.

const NEAR = 60; // pixels from the end that still count as looking at it
const HAND = 1000; // milliseconds after a key, wheel or touch in which scrolling is a person's, not the page's own

/** Follows `content` inside `scroller`; `pinned` is whether the end is in sight. */
export class Follower {
  constructor(scroller, content, onreach = () => {}) {
    Object.assign(this, { scroller, pinned: true });
    let byHand = -HAND;
    for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
      scroller.addEventListener(kind, () => { byHand = performance.now(); }, { passive: true });
    }
    scroller.addEventListener("scroll", () => {
      if (this.distance < NEAR) this.pinned = true;
      else if (performance.now() - byHand < HAND) this.pinned = false;
      if (this.pinned) onreach();
    }, { passive: true });
    const grown = new ResizeObserver(() => { if (this.pinned) this.jump(); });
    grown.observe(content);
    grown.observe(scroller);
  }

  get distance() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  jump() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Go to the end and stay there. */
  toEnd() {
    this.pinned = true;
    this.jump();
  }
}
