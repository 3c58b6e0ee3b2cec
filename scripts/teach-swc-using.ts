import type { Statement, VariableDeclarator } from '@swc/core';
import { Visitor } from '@swc/core/Visitor.js';

/**
 * Lets dependency-cruiser read files that hold a `using` declaration.
 *
 * It walks a file with swc's Visitor, which knows all statements but that one, and throws. What stands in
 * the declaration is visited like what stands in a `const`.
 */
export function teachSwcUsing(): void {
  const known = Visitor.prototype.visitStatement;
  Visitor.prototype.visitStatement = function (statement: Statement | UsingDeclaration): Statement {
    // swc's own types do not know the statement that its parser yields.
    if (statement.type !== 'UsingDeclaration') return known.call(this, statement as Statement);
    this.visitVariableDeclarators(statement.decls);
    return statement as unknown as Statement;
  };
}

interface UsingDeclaration {
  readonly type: 'UsingDeclaration';
  readonly decls: VariableDeclarator[];
}
