/** A series as an expression sees it: one value, or none where the metric has no value. */
export type Value = number | undefined;

type Names = (name: string) => Value;

/**
 * Evaluates the part of CloudWatch's metric math that our alarms use: + - * /, < >, IF and FILL. A missing value makes everything
 * it touches missing, but for FILL. Throws for anything else, so that no alarm is simulated otherwise than it is written.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function evaluateExpression(text: string, names: Names): Value {
  const tokens = text.match(/[A-Za-z]\w*|\d+(?:\.\d+)?|\S/g) ?? [];
  const parser = new Parser(tokens, names);
  const value = parser.comparison();
  parser.end();
  return value;
}

class Parser {
  readonly #tokens: readonly string[];
  readonly #names: Names;
  #at = 0;

  constructor(tokens: readonly string[], names: Names) {
    this.#tokens = tokens;
    this.#names = names;
  }

  comparison(): Value {
    const left = this.#sum();
    if (this.#take('<')) return combined(left, this.#sum(), (a, b) => (a < b ? 1 : 0));
    if (this.#take('>')) return combined(left, this.#sum(), (a, b) => (a > b ? 1 : 0));
    return left;
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw new Error(`"${this.#tokens[this.#at]}" is not understood here.`);
  }

  #sum(): Value {
    let left = this.#product();
    for (;;) {
      if (this.#take('+')) left = combined(left, this.#product(), (a, b) => a + b);
      else if (this.#take('-')) left = combined(left, this.#product(), (a, b) => a - b);
      else return left;
    }
  }

  #product(): Value {
    let left = this.#atom();
    for (;;) {
      if (this.#take('*')) left = combined(left, this.#atom(), (a, b) => a * b);
      else if (this.#take('/')) left = combined(left, this.#atom(), (a, b) => a / b);
      else return left;
    }
  }

  #atom(): Value {
    const token = this.#tokens[this.#at++] ?? '';
    if (token === '(') {
      const value = this.comparison();
      this.#expect(')');
      return value;
    }
    if (/^\d/.test(token)) return Number(token);
    if (token === 'IF' || token === 'FILL') return this.#call(token);
    // Names of metrics begin with a small letter, those of functions are all capitals.
    if (/^[a-z]/.test(token)) return this.#names(token);
    throw new Error(`"${token}" is not understood here.`);
  }

  #call(name: 'IF' | 'FILL'): Value {
    this.#expect('(');
    const first = this.comparison();
    this.#expect(',');
    const second = this.comparison();
    if (name === 'FILL') {
      this.#expect(')');
      return first ?? second;
    }
    this.#expect(',');
    const third = this.comparison();
    this.#expect(')');
    return first === undefined ? undefined : first === 0 ? third : second;
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw new Error(`${token} is missing before "${this.#tokens[this.#at] ?? ''}".`);
  }
}

function combined(left: Value, right: Value, of: (a: number, b: number) => number): Value {
  return left === undefined || right === undefined ? undefined : of(left, right);
}
