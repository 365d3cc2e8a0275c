import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules/', '.sparkify/', '.serverless/', '.esbuild/', 'coverage/'] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Type aliases and interfaces both have their place; unions force aliases anyway.
      '@typescript-eslint/consistent-type-definitions': 'off',
      // Numbers in messages and SQL-free templates are wanted as they print.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 70 }],
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    rules: {
      // One handwriting: what is private is so at run time too, and what never changes is seen to be so.
      'no-restricted-syntax': [
        'error',
        {
          selector:
            ':matches(PropertyDefinition, MethodDefinition[kind!="constructor"])[accessibility], TSParameterProperty',
          message: 'Write #name for what is private, nothing for what is public, and each field by itself.',
        },
        {
          selector: `:matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration[kind="const"] > VariableDeclarator[id.name=/^[a-z]/]:matches(${[
            '[init.type=/^(Literal|TemplateLiteral|UnaryExpression|BinaryExpression|ArrayExpression)$/]',
            '[init.type=/^TS(As|Satisfies)Expression$/]',
            '[init.callee.name=/^(Set|Map)$/]',
          ].join(', ')})`,
          message: 'Write the data of a module in capitals, its unit last: WAIT_MS.',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // A describe() block is one function to the linter but a chapter to the reader.
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-restricted-imports': [
        'error',
        { name: 'fast-check', message: 'test/support/fast-check.ts has it with a fixed seed.' },
      ],
    },
  },
  { files: ['test/support/fast-check.ts'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['**/*.mjs', '**/*.cjs'], ...tseslint.configs.disableTypeChecked },
);
