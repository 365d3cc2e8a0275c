/** Any JSON. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
// An interface, because an alias may not speak of itself here.
export interface JsonObject {
  readonly [name: string]: Json;
}

/** A resource as it stands in a template. */
export type Resource = { Type: string; Properties: JsonObject; Condition?: string; DependsOn?: string[] } & JsonObject;

/** A CloudFormation template as far as these tests read it. */
export type Template = {
  Parameters: Record<string, { Default?: string; AllowedPattern?: string }>;
  Conditions: Record<string, Json>;
  Resources: Record<string, Resource>;
  Outputs: Record<string, { Value: Json; Condition?: string }>;
};

/** What a template makes with given parameters. */
export type Stack = { resources: Record<string, Resource>; outputs: Record<string, Json> };

/** A value that must be text. Throws when it is not. */
export function text(value: Json | undefined): string {
  if (typeof value !== 'string') throw new Error(`${JSON.stringify(value)} is not text.`);
  return value;
}

/** What stands for `AWS::NoValue` until its property is left out. */
const NO_VALUE = Symbol('AWS::NoValue');
type Evaluated = Json | typeof NO_VALUE;

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::AccountId': '123456789012',
  'AWS::Region': 'us-east-1',
  'AWS::Partition': 'aws',
  'AWS::StackId':
    'arn:aws:cloudformation:us-east-1:123456789012:stack/sparkify-dev/8f14e45f-ceea-467f-a1b2-c3d4e5f60718',
};

/**
 * Evaluates a template as CloudFormation would: conditions, `Fn::If`, references. A resource's own value reads `<Id>`, an
 * attribute of it `<Id.Attribute>`. Throws where the template refers to what these parameters do not make.
 */
export function evaluate(template: Template, parameters: Readonly<Record<string, string>>): Stack {
  const evaluator = new Evaluator(template, parameters);
  const made = Object.entries(template.Resources).filter(([, { Condition }]) => evaluator.holds(Condition));
  const outputs = Object.entries(template.Outputs).filter(([, { Condition }]) => evaluator.holds(Condition));
  return {
    resources: Object.fromEntries(made.map(([id, resource]) => [id, evaluator.value(resource) as Resource])),
    outputs: Object.fromEntries(outputs.map(([name, { Value }]) => [name, evaluator.value(Value) as Json])),
  };
}

class Evaluator {
  readonly #template: Template;
  readonly #parameters: Readonly<Record<string, string>>;

  constructor(template: Template, parameters: Readonly<Record<string, string>>) {
    this.#template = template;
    const defaults = Object.entries(template.Parameters).map(([name, { Default }]) => [name, Default ?? '']);
    this.#parameters = { ...(Object.fromEntries(defaults) as Record<string, string>), ...parameters };
  }

  holds(condition: string | undefined): boolean {
    if (condition === undefined) return true;
    const expression = this.#template.Conditions[condition];
    if (expression === undefined) throw new Error(`There is no condition ${condition}.`);
    return this.value(expression) === true;
  }

  value(json: Json): Evaluated {
    if (Array.isArray(json)) return json.map((item) => this.value(item)).filter((item) => item !== NO_VALUE);
    if (json === null || typeof json !== 'object') return json;
    const [name = '', ...others] = Object.keys(json);
    if (others.length === 0 && (name === 'Ref' || name === 'Condition' || name.startsWith('Fn::'))) {
      return this.#function(name, json[name] ?? null);
    }
    const entries = Object.entries(json).map(([key, item]) => [key, this.value(item)] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== NO_VALUE)) as JsonObject;
  }

  #function(name: string, argument: Json): Evaluated {
    switch (name) {
      case 'Ref':
        return this.#reference(text(argument));
      case 'Condition':
        return this.holds(text(argument));
      case 'Fn::GetAtt':
        return this.#attribute((argument as string[]).join('.'));
      case 'Fn::If': {
        const [condition, yes, no] = argument as [string, Json, Json];
        return this.value(this.holds(condition) ? yes : no);
      }
      case 'Fn::Equals': {
        const [left, right] = this.value(argument) as Json[];
        return left === right;
      }
      case 'Fn::Not':
        return !(this.value(argument) as Json[])[0];
      case 'Fn::And':
        return (this.value(argument) as Json[]).every((item) => item === true);
      case 'Fn::Join': {
        const [between, parts] = this.value(argument) as [string, string[]];
        return parts.join(between);
      }
      case 'Fn::Split': {
        const [between, whole] = this.value(argument) as [string, string];
        return whole.split(between);
      }
      case 'Fn::Select': {
        const [index, items] = this.value(argument) as [number, Json[]];
        return items[index] ?? null;
      }
      case 'Fn::Sub':
        return this.#substitute(argument);
      default:
        throw new Error(`These tests do not know ${name}.`);
    }
  }

  #reference(name: string): Evaluated {
    if (name === 'AWS::NoValue') return NO_VALUE;
    const known = PSEUDO[name] ?? this.#parameters[name];
    return known ?? `<${this.#made(name)}>`;
  }

  #attribute(path: string): string {
    this.#made(path.split('.')[0] ?? '');
    return `<${path}>`;
  }

  #made(id: string): string {
    const resource = this.#template.Resources[id];
    if (!resource) throw new Error(`${id} is neither parameter nor resource.`);
    if (!this.holds(resource.Condition)) throw new Error(`${id} is referred to where it is not made.`);
    return id;
  }

  #substitute(argument: Json): string {
    const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const own = this.value(variables ?? {}) as Record<string, string>;
    return text(template)
      .replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
        return own[name] ?? (name.includes('.') ? this.#attribute(name) : text(this.#reference(name) as Json));
      })
      .replaceAll('${!', '${');
  }
}
