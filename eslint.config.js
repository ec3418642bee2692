// What the browser code and its tests are held to; types are tsc's affair, layout is prettier's.
import js from "@eslint/js";
import globals from "globals";
import texts from "./tools/texts/rules.js";

/** The longest function of the page's code, in lines. */
const LONGEST_FUNCTION = 80;

export default [
  { ignores: ["node_modules/", ".venv/", ".build/", "static/vendor/", "data/"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: "latest", sourceType: "module" },
    rules: {
      eqeqeq: "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_$" }],
      "no-var": "error",
      "prefer-const": "error",
      "no-undef": "off", // tsc knows every name, Float16Array and the page's own types too
      "max-len": [
        "error",
        {
          code: 120,
          ignoreUrls: true,
          ignoreRegExpLiterals: true,
        },
      ],
    },
  },
  {
    files: ["static/**/*.js"],
    plugins: { texts },
    languageOptions: { globals: globals.browser },
    rules: { "max-lines-per-function": ["error", { max: LONGEST_FUNCTION }], "texts/in-one-place": "error" },
  },
  {
    files: ["tests/js/**/*.js", "tools/**/*.js", "bench/**/*.js", "*.js"],
    languageOptions: { globals: globals.node },
  },
];
