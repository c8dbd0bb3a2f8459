/** Another language: what is shown is said anew, and nothing else of it changes. */

/** Attributes that people read or hear. */
const SAID = ['alt', 'aria-description', 'aria-label', 'aria-valuetext', 'placeholder', 'title'];
const WORDS = /\p{L}/u;

/**
 * Makes what is shown say what was made of the same state in another language. What was typed, opened, scrolled,
 * enlarged or focused stays; figures do too, as they may stand for any of that, but for those of a time. Where the
 * two are not built alike, the new one takes the other's place; what is told in a `data-own` stays.
 */
export function resay(shown: Element, fresh: Element): void {
  if (shown.hasAttribute('data-own')) {
    return;
  }
  for (const name of SAID) {
    const text = fresh.getAttribute(name);
    if (text !== null && WORDS.test(text)) {
      shown.setAttribute(name, text);
    }
  }
  const pairs = pairsOf(shown, fresh);
  if (!pairs) {
    shown.replaceChildren(...fresh.childNodes);
    return;
  }
  for (const [old, renewed] of pairs) {
    if (old instanceof Element && renewed instanceof Element) {
      resay(old, renewed);
    } else if (renewed instanceof Text && (WORDS.test(renewed.data) || shown.localName === 'time')) {
      old.nodeValue = renewed.data;
    }
  }
}

/** The children of both, side by side; nothing where they differ in kind or number. */
function pairsOf(shown: Element, fresh: Element): [Node, Node][] | undefined {
  const renewed = [...fresh.childNodes];
  const pairs = [...shown.childNodes].map((old, place): [Node, Node | undefined] => [old, renewed[place]]);
  const alike = pairs.every(([old, other]) => old.nodeName === other?.nodeName);
  return alike && pairs.length === renewed.length ? (pairs as [Node, Node][]) : undefined;
}
