// The documents that cross the wire, as the page reads them.

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

export interface Choice {
  kind: string;
  [option: string]: Json;
}

export interface NodeSpec extends Choice {
  name: string;
  inputs: string[] | null;
}

export interface Experiment {
  version: number;
  title: string;
  seed: number;
  data: Choice;
  task: Choice & { losses: Choice[] };
  network: NodeSpec[];
  training: {
    updates: { nodes: string; optimizer: Choice; schedule: Choice; every: number }[];
    regularizers: Choice[];
    stops: Choice[];
    batch_size: number;
    epochs: number;
    [option: string]: Json;
  };
  watch: Choice[];
  /** What the run collects from its first step on; documents of old servers have none. */
  collect?: Choice[];
}

/** What a node does, whatever its kind is. */
export type Role =
  | "data"
  | "dense"
  | "convolution"
  | "max_pooling"
  | "average_pooling"
  | "flattening"
  | "sum"
  | "concatenation"
  | "batch_normalization"
  | "local_normalization"
  | "training_only";

export interface Way {
  roles: Role[];
  /** The first activation that the deconvnet and guided backprop have no rule for. */
  unruled: string | null;
  /** Whether an activation is a rectifier. */
  rectified: boolean;
  /** The last node with feature maps of more than one place, pooling apart. */
  maps: string | null;
}

export interface DescribedNode {
  name: string;
  kind: string;
  role: Role | null;
  /** How the deconvnet and guided backprop go down through a non-linearity; null where they have no rule. */
  downward: "rectified" | "as_it_is" | null;
  /** The option that says how many units or channels it gives. */
  size_option: string | null;
  /** Whether one filter moves over all of its input. */
  slides: boolean;
  /** Whether its weights come as (inputs, units). */
  transposed: boolean;
  /** Whether the document has it at its pointer; else the block that is there has added it. */
  written: boolean;
  /** Whether the probe `arithmetic` shows what each of its numbers is computed from. */
  followed: boolean;
  /** All that it depends on, itself included: what looking into the network meets there. */
  way: Way;
  pointer: string;
  inputs: string[];
  shape: number[];
  parameters: number;
  macs: number;
  receptive_field: number[] | null;
}

export interface Description {
  input: { name: string; shape: number[]; features?: string[] };
  nodes: DescribedNode[];
  outputs: string[];
  totals: { parameters: number; macs: number; activations: number };
  /** What can be trained, and does not do what was meant; absent where an older description was kept. */
  warnings?: Located[];
  data: {
    classes: string[] | null;
    brightest: number | null;
    sets: { train: number; validation?: number; test: number };
  };
}

export interface CatalogItem {
  kind: string;
  label: string;
  summary: string;
  reference: string;
  formula?: string | null;
  derivative?: string | null;
  classes?: string[] | null;
  /** Whether a node is drawn in the place of the one before. */
  folds?: boolean;
  role?: Role | null;
  /** The least and the greatest number of a node's inputs; null: any. */
  arity?: [number, number | null];
  /** How many axes may follow the units or channels of what a node reads; null: any number. */
  takes?: number[] | null;
  /** What arrives must have a multiple of so many units or channels. */
  multiple_of?: number;
  size_option?: string | null;
  /** Whether a node gives as many units or channels as it reads. */
  keeps_units?: boolean;
  /** A node's place among those offered first; null: behind them. */
  usual?: number | null;
  /** The options of a node that is added by hand, where its defaults are no good beginning. */
  starter?: JsonObject;
  /** Whether new layers end in this activation where the network has none to go by. */
  preferred?: boolean;
  /** What an optimizer calls its momentum. */
  inertia?: string | null;
  /** When an architecture was first shown. */
  year?: number | null;
  /** Of a loss that has two sides: the kind for more than two classes. */
  among_many?: string;
  /** What the targets of a data set are, or what a task reads: class, values, masks, … */
  family?: string;
  /** Of a data set whose targets need another network: a small one. */
  network?: JsonObject[] | null;
  /** Of a task: the metric whose curve is shown beside the loss's. */
  metric?: string;
  shape?: number[];
  plane?: number | null;
  /** The greatest value of a pixel; null where samples are no pictures. */
  brightest?: number | null;
  drawn?: "plain" | "filled" | "centred";
  /** Of a set of motions: the channels of a body's joints. */
  limbs?: { upper: number; lower: number; leg: boolean }[];
  /** How samples of a data set are drawn. */
  form?: "values" | "picture" | "signal" | "figure" | "volume" | "clip";
  inputs?: string[];
  count?: number;
  /** Where a probe or study is shown, where its class declares a panel. */
  panel?: { title: string; place: "results" | "inspector" };
  /** The plug-in that an item is of, and its package. */
  plugin?: string;
  package?: string;
}

/** Families by name, each an ordered list. */
export type Catalog = Record<string, CatalogItem[]>;

/** What a word of the pages means that no item of the catalogue says. */
export interface Term {
  label: string;
  description: string;
  formula?: string;
  /** How pages write it; left out: as the label. */
  shown?: string[];
  /** The page that says more. */
  see?: string;
}

export type Glossary = Record<string, Term>;

/** A race of examples that one press begins. */
export interface ExampleRace {
  title: string;
  steps: number;
  rows: number;
  /** The series that is drawn first. */
  curve: string;
  entries: { example: string; name: string }[];
}

export interface Preset {
  name: string;
  title: string;
  /** The title of its group in the gallery. */
  group: string;
  question?: string;
  notice?: string;
  experiment: Experiment;
  race?: ExampleRace | null;
}

export type RunState =
  | "queued"
  | "starting"
  | "training"
  | "paused"
  | "finished"
  | "failed"
  | "stopped"
  | "interrupted"
  | "damaged"
  | "incomplete";

export interface Run {
  id: string;
  title: string;
  /** Whether a user gave the title; otherwise it follows the experiment. */
  named: boolean;
  /** Whether it is an example that no user has made their own. */
  example: boolean;
  /** Its number in the order of creation. */
  number: number;
  /** The name of its data set, and its network in short. */
  data: string;
  network: string;
  /** The last loss over the test set. */
  loss: number | null;
  state: RunState;
  revision: number;
  experiment: Experiment;
  control: boolean;
  step: number;
  epoch: number;
  life: number;
  device: string;
  /** Entries of items that are not installed here any more. */
  catalog?: Catalog;
}

export interface Reason {
  title?: string;
  detail?: string;
  node?: string;
  step?: number;
  quantity?: string;
  /** What can be gone back to. */
  checkpoint?: string;
  /** The kind of the stop that has ended the run, its place in the list, and the step that it went back to. */
  stop?: string;
  index?: number;
  restored?: number | null;
}

export interface Status {
  state: RunState;
  step: number;
  epoch: number;
  epochs?: number;
  steps_per_epoch?: number;
  life?: number;
  revision?: number;
  samples_per_second?: number;
  device?: string;
  /** What computes the steps, and why it is not the compiled code that was asked for. */
  tier?: "eager" | "replay" | "graph" | "compiled";
  tier_detail?: string | null;
  /** The card and its memory in bytes: this run's, everybody's, and all there is; null on the CPU. */
  device_use?: { name: string; own: number; used: number; total: number } | null;
  speed?: number | null;
  metrics?: Record<string, number>;
  reason?: Reason | null;
  queue_position?: number | null;
}

/** A change that mends a problem: what its button is called, and a patch of the experiment. */
export interface Remedy {
  label: string;
  patch: PatchOperation[];
}

export interface Located {
  pointer: string;
  message: string;
  remedy?: Remedy;
  /** Carries the remedy out; where the page knows of what experiment it is a patch. */
  mend?: () => void;
}

export interface PatchOperation {
  op: "add" | "remove" | "replace";
  path: string;
  value?: Json;
}

export type Schema = {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string;
  enum?: Json[];
  /** Values to choose from, beside which others may be valid. */
  examples?: Json[];
  const?: Json;
  anyOf?: Schema[];
  oneOf?: Schema[];
  discriminator?: { propertyName: string; mapping: Record<string, string> };
  properties?: Record<string, Schema>;
  items?: Schema;
  default?: Json;
  title?: string;
  /** Its name in words, where the page is in another language than English. */
  label?: string;
  /** Its values in words, there as well. */
  labels?: Record<string, string>;
  description?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minItems?: number;
  maxItems?: number;
  maxLength?: number;
  unit?: string;
  scale?: string;
  live?: boolean;
};

export type Tensor =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

export interface NamedArray {
  shape: number[];
  data: Tensor;
}

export interface Frame {
  metadata: Record<string, string>;
  arrays: Map<string, NamedArray>;
}

/** An axis of a figure. */
export interface FigureAxis {
  label: string;
  log: boolean;
}

/** A line of a figure, or a set of its points; null where there is no number. */
export interface FigureLine {
  name: string;
  x: (number | null)[];
  y: (number | null)[];
}

export interface ChartPart {
  type: "chart";
  title: string;
  x: FigureAxis;
  y: FigureAxis;
  lines: FigureLine[];
}

export interface PlanePart {
  type: "plane";
  title: string;
  x: FigureAxis;
  y: FigureAxis;
  region: [left: number, right: number, bottom: number, top: number];
  points: FigureLine[];
  paths: FigureLine[];
  heights: (number | null)[][] | null;
  signed: boolean;
}

export interface FigurePicture {
  caption: string;
  width: number;
  height: number;
  channels: number;
  pixels: string;
  numbers: (number | null)[] | null;
}

export interface PicturesPart {
  type: "pictures";
  title: string;
  scale: "unit" | "signed" | "range";
  pictures: FigurePicture[];
}

export interface BarsPart {
  type: "bars";
  title: string;
  unit: string;
  bars: { name: string; value: number | null; note: string }[];
}

export type FigurePart = ChartPart | PlanePart | PicturesPart | BarsPart;

/** What an item of the reference does: `GET /api/reference/FAMILY/KIND/plot`. */
export interface ItemFigure {
  parts: FigurePart[];
  note: string;
}
