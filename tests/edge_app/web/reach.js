// What `check_reach` asks of a view: each function gives sentences about what is out of reach, none where all is well.
window.reach = (() => {
  const TARGETS = 'a[href], button, summary, select, textarea, input:not([type=hidden]), [role=button], [role=slider]';
  const LEAST = 44; // CSS pixels a side
  const CONTRAST = 3; // of what is no text

  const named = (element) => {
    const text = element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 40);
    return `${element.localName}${element.id && `#${element.id}`} "${text}"`;
  };
  // A field that is drawn by its label is hit there.
  const target = (element) => (element.matches('input') && element.closest('label')) || element;
  const shown = (element) =>
    element.checkVisibility({ visibilityProperty: true }) && getComputedStyle(element).clipPath === 'none';

  const small = () =>
    [...document.querySelectorAll(TARGETS)]
      .map(target)
      .filter(shown)
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width < LEAST - 0.5 || height < LEAST - 0.5;
      })
      .map((element) => {
        const { width, height } = element.getBoundingClientRect();
        return `${named(element)} is ${width.toFixed()} x ${height.toFixed()}`;
      });

  const nameless = () =>
    [...document.images]
      .filter((image) => shown(image) && !image.alt && !image.closest('button, a, li, .brand')?.textContent.trim())
      .map((image) => `${image.src} has no name, nor has what it stands in`);

  const sideways = () => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const scrolled = (element) => element && (getComputedStyle(element).overflowX !== 'visible' || scrolled(element.parentElement));
    const out = [...document.querySelectorAll('body *')].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 1 && !scrolled(element.parentElement),
    );
    const wide =
      scrollWidth > clientWidth
        ? [`the page is ${scrollWidth} wide, of ${clientWidth}, by ${named(out.at(-1) ?? document.body)}`]
        : [];
    const cut = [...document.querySelectorAll('button, label.picker, summary, h1, h2')]
      .filter((element) => shown(element) && element.scrollWidth > element.clientWidth + 1)
      .filter((element) => getComputedStyle(element).display !== 'inline')
      .map((element) => `${named(element)} is cut: ${element.scrollWidth} of ${element.clientWidth}`);
    return [...wide, ...cut];
  };

  const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = channels(colour)
      .slice(0, 3)
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (channels(colour)[3] !== 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const faint = () => {
    const bars = [...document.querySelectorAll('.bars rect')].flatMap((bar) =>
      [ground(bar.parentElement), ground(bar.parentElement.parentElement)].map((under) => [
        bar.parentElement.parentElement, getComputedStyle(bar).fill, under,
      ]),
    );
    const fields = [...document.querySelectorAll('textarea, select, input')]
      .filter((field) => shown(field) && getComputedStyle(field).borderStyle === 'solid')
      .map((field) => [field, getComputedStyle(field).borderColor, ground(field.parentElement)]);
    return [...bars, ...fields]
      .filter(([element]) => shown(element))
      .map(([element, colour, under]) => [element, contrast(colour, under)])
      .filter(([, found]) => found < CONTRAST)
      .map(([element, found]) => `${named(element)} stands out by ${found.toFixed(2)} only`);
  };

  // Of the element that Tab led to; `before` is the one that it led to before.
  let before;
  const start = () => {
    before = undefined;
    document.querySelector('.skip').focus();
  };
  const focused = () => {
    const element = document.activeElement;
    if (!element || element === document.body || element.matches('.skip')) return null;
    const faults = [];
    const hit = target(element);
    const box = hit.getBoundingClientRect();
    // What hides its own overflow shows its outline on a layer of its own.
    const layers = [[element], [hit], [element, '::after']];
    const outlined = layers.some((layer) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(...layer);
      return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
    });
    if (!outlined) faults.push('is focused, and does not show it');
    if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) {
      faults.push('is focused outside of what is seen');
    } else {
      const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
      const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
      const top = document.elementFromPoint(x, y);
      if (top && !hit.contains(top) && !top.contains(hit) && !top.closest('.status')) {
        faults.push(`is focused below ${named(top)}`);
      }
    }
    const here = { element, left: box.left + scrollX, top: box.top + scrollY, bottom: box.bottom + scrollY };
    if (before) {
      if (before.element.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING) {
        faults.push(`comes after ${named(before.element)}, which stands behind it`);
      }
      if (here.bottom <= before.top && here.left <= before.left) {
        faults.push(`comes after ${named(before.element)}, which stands below it`);
      }
    }
    before = here;
    return faults.map((fault) => `${named(element)} ${fault}`);
  };

  return { small, nameless, sideways, faint, start, focused };
})();
