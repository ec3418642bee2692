/** The methods of attribution, in the order in which they are shown. */

/** @typedef {{ kind: string, title: string, description: string }} Method */

/** @type {Method[]} */
export const METHODS = [
  { kind: "saliency", title: "Saliency", description: "the largest |gradient| of each pixel's channels" },
  {
    kind: "deconvnet",
    title: "Deconvnet",
    description: "sent down, rectified at each ReLU; the mask of the way up is ignored",
  },
  { kind: "guided", title: "Guided backprop", description: "the gradient, rectified at each ReLU" },
  {
    kind: "grad_cam",
    title: "Grad-CAM",
    description: "the last feature maps, weighted by the mean gradient",
  },
  {
    kind: "integrated_gradients",
    title: "Integrated gradients",
    description: "the mean gradient on the way from black, times the picture",
  },
  { kind: "smooth_grad", title: "SmoothGrad", description: "the mean gradient over 32 noisy copies" },
];
