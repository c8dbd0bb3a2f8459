/** Elements without HTML text, so that no name of a file can become a tag. */

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | ((event: Event) => void) | undefined>;

const SVG = 'http://www.w3.org/2000/svg';

/** Makes an element; functions become listeners, `true` an empty attribute, `false` and undefined none. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  return fill(document.createElement(name), attributes, children);
}

export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Name] {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill<Kind extends Element>(element: Kind, attributes: Attributes, children: Child[]): Kind {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name, value);
    } else if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function button(text: string, click: () => void, kind = ''): HTMLButtonElement {
  return h('button', { type: 'button', class: kind, click }, text);
}

/** Gives the memory of a view's canvases back at once; a collector that sees small elements takes its time. */
export function release(view: ParentNode): void {
  for (const canvas of view.querySelectorAll('canvas')) {
    canvas.width = 0;
  }
}
