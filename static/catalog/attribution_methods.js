/** The methods of attribution, in the order in which they are shown. */

import { texts } from "../core/texts.js";

const TEXTS = texts(import.meta.url, {
  saliency: "Saliency",
  largestGradientEach: "the largest |gradient| of each pixel's channels",
  deconvnet: "Deconvnet",
  sentDownRectified: "sent down, rectified at each ReLU; the mask of the way up is ignored",
  guidedBackprop: "Guided backprop",
  rectifiedGradient: "the gradient, rectified at each ReLU",
  gradCam: "Grad-CAM",
  lastFeatureMaps: "the last feature maps, weighted by the mean gradient",
  integratedGradients: "Integrated gradients",
  meanGradientWay: "the mean gradient on the way from black, times the picture",
  smoothgrad: "SmoothGrad",
  meanGradientOver: "the mean gradient over 32 noisy copies",
});

/** @typedef {{ kind: string, title: string, description: string }} Method */

/** @type {Method[]} */
export const METHODS = [
  { kind: "saliency", title: TEXTS.saliency, description: TEXTS.largestGradientEach },
  {
    kind: "deconvnet",
    title: TEXTS.deconvnet,
    description: TEXTS.sentDownRectified,
  },
  { kind: "guided", title: TEXTS.guidedBackprop, description: TEXTS.rectifiedGradient },
  {
    kind: "grad_cam",
    title: TEXTS.gradCam,
    description: TEXTS.lastFeatureMaps,
  },
  {
    kind: "integrated_gradients",
    title: TEXTS.integratedGradients,
    description: TEXTS.meanGradientWay,
  },
  { kind: "smooth_grad", title: TEXTS.smoothgrad, description: TEXTS.meanGradientOver },
];
