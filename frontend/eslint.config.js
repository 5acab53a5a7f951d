import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** Every word a person reads comes from a catalog: no letters between tags, none in attributes that are read aloud or shown. */
const NO_LITERALS = [
  {
    selector: "JSXText[value=/\\p{L}/u]",
    message: "Text comes from a catalog: use t(id).",
  },
  {
    selector: "JSXExpressionContainer > Literal[value=/\\p{L}/u]:not(JSXAttribute Literal)",
    message: "Text comes from a catalog: use t(id).",
  },
  {
    selector:
      "JSXAttribute[name.name=/^(aria-label|aria-description|aria-roledescription|aria-valuetext|alt|title|placeholder|label|description|heading|hint)$/] > Literal[value=/\\p{L}/u]",
    message: "Text comes from a catalog: use t(id).",
  },
  {
    selector:
      "JSXAttribute[name.name=/^(aria-label|aria-description|aria-roledescription|aria-valuetext|alt|title|placeholder|label|description|heading|hint)$/] > JSXExpressionContainer > :matches(Literal[value=/\\p{L}/u], TemplateLiteral > TemplateElement[value.raw=/\\p{L}/u])",
    message: "Text comes from a catalog: use t(id).",
  },
];

const layers = (from, forbidden, message) => ({
  files: from,
  rules: { "no-restricted-imports": ["error", { patterns: [{ group: forbidden, message }] }] },
});

export default tseslint.config(
  { ignores: ["dist/", "src/core/generated/", "node_modules/"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    ...jsxA11y.flatConfigs.strict,
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "no-restricted-syntax": ["error", ...NO_LITERALS],
      "max-lines": ["error", { max: 300 }],
      "max-lines-per-function": ["error", { max: 80, skipBlankLines: true, skipComments: true }],
      "max-depth": ["error", 3],
      eqeqeq: "error",
      "no-console": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": "off",
    },
  },
  layers(["src/core/**"], ["react", "react-dom", "@ui/*", "**/surfaces/**", "**/ui/**"], "core knows neither React nor pages."),
  layers(["src/ui/**"], ["**/surfaces/**"], "The kit knows no page."),
  layers(["src/surfaces/patient/**"], ["react-aria-components", "@ui/staff/*", "**/surfaces/doctor/**", "**/surfaces/compliance/**"], "The patient downloads 120 kB: native elements only."),
  {
    files: ["tests/**", "scripts/**", "src/**/*.test.*", "*.config.*"],
    rules: {
      "max-lines-per-function": "off",
      "no-restricted-syntax": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
  { files: ["**/*.{js,mjs}"], ...tseslint.configs.disableTypeChecked, languageOptions: { ...tseslint.configs.disableTypeChecked.languageOptions, globals: { process: "readonly", console: "readonly", URL: "readonly" } } },
);
