import { useId, useLayoutEffect, useRef, type ReactNode, type Ref } from "react";
import "./fields.css";

interface Common {
  /** The question or name of the field; always visible. */
  label: ReactNode;
  hint?: ReactNode;
  /** What to put right, in words; shown and read with the field. */
  error?: string | null | undefined;
}

interface Ids {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

function Field({ label, hint, error, children }: Common & { children: (ids: Ids) => ReactNode }) {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className="x-field" data-invalid={error ? true : undefined}>
      <label htmlFor={id}>{label}</label>
      {hint && <Hint id={`${id}-hint`}>{hint}</Hint>}
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined })}
    </div>
  );
}

const Hint = ({ id, children }: { id: string; children: ReactNode }) => (
  <p id={id} className="x-field-hint">
    {children}
  </p>
);

const FieldError = ({ id, children }: { id: string; children: ReactNode }) => (
  <p id={id} className="x-field-error">
    {children}
  </p>
);

export type TextFieldProps = Common & Omit<React.InputHTMLAttributes<HTMLInputElement>, "id">;

export function TextField({ label, hint, error, ...input }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => <input type="text" {...input} {...ids} className="x-input" />}
    </Field>
  );
}

export type TextAreaProps = Common & Omit<React.TextareaHTMLAttributes<HTMLTextAreaElement>, "id"> & { ref?: Ref<HTMLTextAreaElement> };

/** Grows with its text. */
export function TextArea({ label, hint, error, ref, ...input }: TextAreaProps) {
  const own = useRef<HTMLTextAreaElement | null>(null);
  useGrowing(own, input.value);
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => <textarea rows={4} {...input} {...ids} ref={mergeRefs(own, ref)} className="x-input x-textarea" />}
    </Field>
  );
}

/** Keeps a text area as high as its text, up to its max-height. */
export function useGrowing(ref: React.RefObject<HTMLTextAreaElement | null>, value: unknown): void {
  useLayoutEffect(() => {
    const area = ref.current;
    if (!area) return;
    area.style.height = "auto";
    // Not laid out yet (a dialog that is about to open): its rows decide.
    if (area.scrollHeight === 0) return;
    area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
  }, [ref, value]);
}

function mergeRefs<T>(...refs: (Ref<T> | undefined)[]) {
  return (node: T | null): void => {
    for (const ref of refs) {
      if (typeof ref === "function") ref(node);
      else if (ref) ref.current = node;
    }
  };
}

export interface Option<Value extends string> {
  value: Value;
  label: string;
  description?: string;
}

export type SelectProps<Value extends string> = Common &
  Omit<React.SelectHTMLAttributes<HTMLSelectElement>, "id" | "onChange" | "value"> & {
    value: Value;
    options: readonly Option<Value>[];
    onChange: (value: Value) => void;
  };

/** The browser's own list: works with every keyboard, screen reader and phone. */
export function Select<Value extends string>({ label, hint, error, options, onChange, ...input }: SelectProps<Value>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <select {...input} {...ids} className="x-input" onChange={(event) => onChange(event.target.value as Value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export interface RadioGroupProps<Value extends string> extends Common {
  value: Value | null;
  options: readonly Option<Value>[];
  onChange: (value: Value) => void;
  /** The legend is spoken but not drawn, because the page's heading says the same. */
  hideLabel?: boolean;
  disabled?: boolean;
  testid?: string;
}

/** One choice of several, each a whole row to tap. Nothing is ticked beforehand unless `value` says so. */
export function RadioGroup<Value extends string>({ label, hint, error, value, options, onChange, hideLabel, disabled, testid }: RadioGroupProps<Value>) {
  const id = useId();
  return (
    <fieldset className="x-choices" disabled={disabled} data-testid={testid} aria-describedby={error ? `${id}-error` : undefined}>
      <legend className={hideLabel ? "sr-only" : ""}>{label}</legend>
      {hint && <Hint id={`${id}-hint`}>{hint}</Hint>}
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
      {options.map((option) => (
        <label key={option.value} className="x-choice">
          <input type="radio" name={id} value={option.value} checked={value === option.value} onChange={() => onChange(option.value)} />
          <ChoiceText label={option.label} description={option.description} />
        </label>
      ))}
    </fieldset>
  );
}

const ChoiceText = ({ label, description }: { label: ReactNode; description?: ReactNode }) => (
  <span>
    <span>{label}</span>
    {description && <span className="x-choice-description">{description}</span>}
  </span>
);

export interface CheckboxProps extends Omit<React.InputHTMLAttributes<HTMLInputElement>, "onChange" | "type"> {
  label: ReactNode;
  description?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function Checkbox({ label, description, onChange, ...input }: CheckboxProps) {
  return (
    <label className="x-choice">
      <input type="checkbox" {...input} onChange={(event) => onChange(event.target.checked)} />
      <ChoiceText label={label} description={description} />
    </label>
  );
}

/** Several ticks under one question. */
export function CheckboxGroup({ label, hideLabel, children, testid }: { label: string; hideLabel?: boolean; children: ReactNode; testid?: string }) {
  return (
    <fieldset className="x-choices" data-testid={testid}>
      <legend className={hideLabel ? "sr-only" : ""}>{label}</legend>
      {children}
    </fieldset>
  );
}
