/** What the state of a listed run allows. */

/** Whether a run cannot be continued, and so is not renamed. @param {{ state: string }} run */
export const isUnusable = ({ state }) => state === "damaged" || state === "incomplete";
