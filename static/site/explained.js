/** Labels that explain themselves, on pages that are served whole. */

import { explainLabels } from "../widgets/explanations.js";

explainLabels();
