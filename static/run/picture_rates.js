/** How often pictures are asked for. Pictures of one rate are made at the same steps, and can be compared. */

const isStill = () => Boolean(globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches);

/**
 * Pictures a second of what moves: 20 are left when some miss a paint. Fewer where the system asks for reduced motion.
 */
export const fastRate = () => (isStill() ? 4 : 22);

/** Of weights, and of all that shows one sample: the maps in the network, and what is said of it beside. */
export const sampleRate = () => fastRate() / 2;
