import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Package } from './packaging.ts';
import { Specification } from './specification.ts';
import { variants } from './variants.ts';

const run = promisify(execFile);

/** Whether every resource is what AWS's specification says, in every way the stack can be deployed. */
export function describeSpecification(thePackage: () => Package): void {
  test.each(Object.entries(variants))('%s has no unknown, missing or mistyped property', async (_, deploy) => {
    const specification = await Specification.load();
    expect(specification.problems(deploy(thePackage().template).resources)).toEqual([]);
  });

  test('the check itself finds unknown, missing and mistyped properties', async () => {
    const specification = await Specification.load();
    const problems = specification.problems({
      Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 'long', Colour: 'blue' } },
      Function: { Type: 'AWS::Lambda::Function', Properties: { Role: 'role' } },
      Topic: { Type: 'AWS::SNS::Tropic', Properties: {} },
    });
    expect(problems).toEqual([
      'Queue.Colour is unknown',
      'Queue.VisibilityTimeout is not a whole number',
      'Function.Code is missing',
      'Topic: there is no AWS::SNS::Tropic',
    ]);
  });

  test('every attribute that is asked for exists', async () => {
    const specification = await Specification.load();
    expect(specification.unknownAttributes(thePackage().template)).toEqual([]);
  });

  test('cfn-lint finds nothing, not even a warning, where it is installed', async () => {
    const { templateFile } = thePackage();
    const found = await run('cfn-lint', ['--format', 'json', templateFile]).then(
      ({ stdout }) => stdout,
      (error: unknown) => {
        const { code, stdout } = error as { code: number | string; stdout: string };
        return code === 'ENOENT' ? undefined : stdout;
      },
    );
    if (found === undefined) process.stderr.write('cfn-lint is not installed, so it was not asked.\n');
    const findings = JSON.parse(found ?? '[]') as { Rule: { Id: string }; Message: string }[];
    expect(findings.map(({ Rule, Message }) => `${Rule.Id} ${Message}`)).toEqual([]);
  });
}
