import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import type { PropertyType, Resource as Specified, SpecDatabase } from '@aws-cdk/service-spec-types';
import { text, type Json, type Resource, type Template } from './template.ts';

type Properties = Specified['properties'];

/** AWS's own specification of every resource, its properties and their types. */
export class Specification {
  static #loaded: Promise<Specification> | undefined;
  readonly #database: SpecDatabase;

  private constructor(database: SpecDatabase) {
    this.#database = database;
  }

  /** Reading it takes seconds, so it is read once. */
  static load(): Promise<Specification> {
    Specification.#loaded ??= loadAwsServiceSpec().then((database) => new Specification(database));
    return Specification.#loaded;
  }

  /** What is wrong with evaluated resources: unknown types and properties, missing properties, values of another type. */
  problems(resources: Readonly<Record<string, Resource>>): string[] {
    return Object.entries(resources).flatMap(([id, { Type, Properties: properties }]) => {
      const specified = this.#resource(Type);
      if (!specified) return [`${id}: there is no ${Type}`];
      return this.#object(properties, specified.properties, id);
    });
  }

  /** Attributes a template asks for that the resources do not have. */
  unknownAttributes(template: Template): string[] {
    return attributesIn(template as unknown as Json).filter((path) => {
      const [id = '', ...attribute] = path.split('.');
      const type = template.Resources[id]?.Type ?? '';
      return !(attribute.join('.') in (this.#resource(type)?.attributes ?? {}));
    });
  }

  #resource(type: string): Specified | undefined {
    return this.#database.lookup('resource', 'cloudFormationType', 'equals', type)[0];
  }

  #object(value: Json, specified: Properties, path: string): string[] {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return [`${path} is not an object`];
    const unknown = Object.keys(value).filter((name) => !(name in specified));
    const missing = Object.keys(specified).filter((name) => specified[name]?.required && !(name in value));
    const known = Object.entries(value).flatMap(([name, item]) => {
      const property = specified[name];
      return property ? this.#value(item, property.type, `${path}.${name}`) : [];
    });
    return [
      ...unknown.map((name) => `${path}.${name} is unknown`),
      ...missing.map((name) => `${path}.${name} is missing`),
      ...known,
    ];
  }

  #value(value: Json, type: PropertyType, path: string): string[] {
    switch (type.type) {
      case 'json':
      case 'null':
        return [];
      case 'tag':
        return this.#value(value, { type: 'map', element: { type: 'string' } }, path);
      case 'string':
      case 'date-time':
        return typeof value === 'string' || typeof value === 'number' ? [] : [`${path} is not text`];
      case 'number':
        return typeof value === 'number' ? [] : [`${path} is not a number`];
      case 'integer':
        return Number.isInteger(value) ? [] : [`${path} is not a whole number`];
      case 'boolean':
        return typeof value === 'boolean' ? [] : [`${path} is neither true nor false`];
      case 'array':
        if (!Array.isArray(value)) return [`${path} is not a list`];
        return value.flatMap((item, index) => this.#value(item, type.element, `${path}[${index}]`));
      case 'map':
        if (value === null || typeof value !== 'object') return [`${path} is not an object`];
        return Object.entries(value).flatMap(([name, item]) => this.#value(item, type.element, `${path}.${name}`));
      case 'ref':
        return this.#object(value, this.#database.get('typeDefinition', type.reference).properties, path);
      case 'union': {
        const tries = type.types.map((one) => this.#value(value, one, path));
        return tries.some((problems) => problems.length === 0) ? [] : (tries[0] ?? []);
      }
    }
  }
}

/** Every `Id.Attribute` that a template asks for, by `Fn::GetAtt` and in `Fn::Sub`. */
function attributesIn(json: Json): string[] {
  if (Array.isArray(json)) return json.flatMap(attributesIn);
  if (json === null || typeof json !== 'object') return [];
  return Object.entries(json).flatMap(([name, item]) => {
    if (name === 'Fn::GetAtt') return [(item as string[]).join('.')];
    if (name !== 'Fn::Sub') return attributesIn(item);
    const [template, variables = {}] = Array.isArray(item) ? item : [item];
    const asked = [...text(template).matchAll(/\$\{(\w+\.[\w.]+)\}/g)].map(([, path]) => path ?? '');
    return [...asked, ...attributesIn(variables)];
  });
}
