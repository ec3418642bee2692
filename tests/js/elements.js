/** Elements enough for widgets to be built in Node: attributes, children and events; nothing is laid out. */

class FakeElement extends EventTarget {
  /** @type {Map<string, string>} */
  #attributes = new Map();
  /** @type {unknown[]} */
  children = [];
  style = { setProperty() {} };
  classList = { toggle() {} };
  hidden = false;
  textContent = "";
  clientWidth = 600;

  /** @param {string} name */
  constructor(name) {
    super();
    this.localName = name;
  }

  /** @param {string} name @param {string} value */
  setAttribute(name, value) {
    this.#attributes.set(name, value);
    Reflect.set(this, name, value);
  }

  /** @param {string} name */
  getAttribute(name) {
    return this.#attributes.get(name) ?? null;
  }

  /** @param {...unknown} children */
  append(...children) {
    this.children.push(...children);
  }

  querySelector() {
    return null;
  }

  getContext() {
    return null;
  }

  /** @param {string} name */
  removeAttribute(name) {
    this.#attributes.delete(name);
  }

  setPointerCapture() {}

  toggleAttribute() {}

  scrollIntoView() {}

  remove() {}
}

/**
 * Let the page's elements be made while a test runs.
 *
 * @param {import("node:test").TestContext} context
 */
export function withElements(context) {
  const page = {
    documentElement: { lang: "en" },
    hidden: false,
    head: new FakeElement("head"),
    body: new FakeElement("body"),
    createElement: (/** @type {string} */ name) => new FakeElement(name),
    createElementNS: (/** @type {string} */ _, /** @type {string} */ name) => new FakeElement(name),
    getElementById: () => null,
  };
  const matchMedia = () => ({ matches: false });
  const ResizeObserver = class {
    observe() {}
  };
  const given = { document: page, matchMedia, ResizeObserver };
  Object.assign(globalThis, given);
  context.after(() => Object.keys(given).forEach((name) => Reflect.deleteProperty(globalThis, name)));
}

/**
 * An event with fields of its own.
 *
 * @param {string} type @param {object} [fields]
 */
export function event(type, fields = {}) {
  return Object.assign(new Event(type, { cancelable: true }), fields);
}
