import KeelBase
import KeelDiagnostics

/// Gathers the effective values of one declaration: what is written, then presets, then the table's defaults.
struct EffectiveValues<Field: ResourceField> {
    private let declaration: Declaration<Field>
    private(set) var values: [String: EffectiveValue] = [:]

    init(_ declaration: Declaration<Field>) {
        self.declaration = declaration
        for field in Field.allCases {
            guard let value = declaration.spec[field] else { continue }
            values[field.definition.name] = EffectiveValue(Self.located(value, field, declaration.directory), .manifest)
        }
    }

    /// Sets what the manifest left open; a refused value is not open.
    mutating func fill(_ field: Field, _ value: FieldValue, _ origin: EffectiveValue.Origin) {
        let name = field.definition.name
        if values[name] == nil, !isRefused(field) { values[name] = EffectiveValue(value, origin) }
    }

    /// Whether the field has no value because what was written was refused.
    func isRefused(_ field: Field) -> Bool { declaration.spec.isRefused(field) }

    /// Whether nothing was written and nothing filled in.
    func isMissing(_ field: Field) -> Bool { self[field] == nil && !isRefused(field) }

    /// Applies the defaults of the field table for this protocol.
    mutating func applyDefaults(for type: MailProtocol? = nil) {
        for field in Field.allCases {
            let definition = field.definition
            guard let value = definition.defaultValue else { continue }
            if let type, let protocols = definition.protocols, !protocols.contains(type) { continue }
            fill(field, value, .schemaDefault)
        }
    }

    subscript(field: Field) -> FieldValue? { values[field.definition.name]?.value }

    func text(_ field: Field) -> String? { if case .text(let text) = self[field] { text } else { nil } }

    func boolean(_ field: Field) -> Bool? { if case .boolean(let flag) = self[field] { flag } else { nil } }

    func integer(_ field: Field) -> Int? { if case .integer(let number) = self[field] { number } else { nil } }

    func set(_ field: Field) -> [String]? { if case .set(let texts) = self[field] { texts } else { nil } }

    func secret(_ field: Field) -> SecretSource? { if case .secret(let source) = self[field] { source } else { nil } }

    func map(_ field: Field) -> [String: String]? { if case .map(let pairs) = self[field] { pairs } else { nil } }

    /// Paths start at the manifest's directory when written, and at the project's from here on.
    private static func located(_ value: FieldValue, _ field: Field, _ directory: String) -> FieldValue {
        switch (value, field.definition.type) {
        case (.text(let path), .path): return .text(projectPath(path, from: directory))
        case (.secret(let source), _):
            guard case .file(let path) = source.location else { return value }
            return .secret(SecretSource(.file(projectPath(path, from: directory)), version: source.version))
        default: return value
        }
    }
}
