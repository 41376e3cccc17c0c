import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../../..');

/** What the types of the package say that there is: the other side of the tables in docs/. */
export class Declared {
  private readonly checker: ts.TypeChecker;
  private readonly exported: ReadonlyMap<string, ts.Symbol>;

  constructor() {
    const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile.bind(ts.sys));
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
    const index = join(ROOT, 'lib/index.ts');
    const program = ts.createProgram([index], { ...options, noEmit: true });
    this.checker = program.getTypeChecker();
    const module = this.checker.getSymbolAtLocation(program.getSourceFile(index)!)!;
    const symbols = this.checker.getExportsOfModule(module);
    this.exported = new Map(symbols.map((symbol) => [symbol.name, this.resolved(symbol)]));
  }

  /** Every name that the package exports, types included. */
  get names(): string[] {
    return [...this.exported.keys()];
  }

  /** The public members of an exported class or interface. */
  members(name: string): string[] {
    return this.properties(name).map((property) => property.name);
  }

  /** The public static members of an exported class. */
  statics(name: string): string[] {
    const type = this.checker.getTypeOfSymbol(this.symbol(name));
    return type
      .getProperties()
      .filter((property) => property.name !== 'prototype' && isPublic(property))
      .map((property) => property.name);
  }

  /**
   * The key paths of an options class: `name`, `tls.certs`. A field that holds such a class has the
   * fields of it, and a path of its own when it may hold something else too.
   */
  fields(name: string): string[] {
    return this.properties(name).flatMap((property) => {
      const type = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(property));
      const parts = type.isUnion() ? type.types : [type];
      const nested = parts
        .map((part) => part.symbol?.name)
        .find((part) => part?.endsWith('Config'));
      if (nested === undefined) return [property.name];
      const inner = parts
        .find((part) => part.symbol?.name === nested)!
        .getProperties()
        .map((field) => `${property.name}.${field.name}`);
      return parts.length > 1 ? [property.name, ...inner] : inner;
    });
  }

  private properties(name: string): ts.Symbol[] {
    const type = this.checker.getDeclaredTypeOfSymbol(this.symbol(name));
    return type.getProperties().filter((property) => isPublic(property));
  }

  private symbol(name: string): ts.Symbol {
    const symbol = this.exported.get(name);
    if (symbol === undefined) throw new Error(`'${name}' is not exported`);
    return symbol;
  }

  private resolved(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }
}

/** Neither private nor protected, nor marked as internal, nor under a symbol. */
function isPublic(property: ts.Symbol): boolean {
  if (property.name.startsWith('__')) return false;
  return (property.declarations ?? []).every((declaration) => {
    const name = ts.getNameOfDeclaration(declaration);
    if (name && ts.isPrivateIdentifier(name)) return false;
    const flags = ts.getCombinedModifierFlags(declaration);
    if (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) return false;
    return !ts.getJSDocTags(declaration).some(({ tagName }) => tagName.text === 'internal');
  });
}
