import KeelBase
import KeelDiagnostics

/// Gathers the effective values of one declaration: what is written, then presets, then the table's defaults.
struct EffectiveValues<Field: ResourceField> {
    private let declaration: Declaration<Field>
    /// One for each field, in the order of the table.
    private(set) var slots: [EffectiveValue?]

    init(_ declaration: Declaration<Field>) {
        self.declaration = declaration
        slots = Field.allCases.map { field in
            declaration.spec[field].map { EffectiveValue(Self.located($0, field, declaration.directory), .manifest) }
        }
    }

    /// Sets what the manifest left open; a refused value is not open.
    mutating func fill(_ field: Field, _ value: FieldValue, _ origin: EffectiveValue.Origin) {
        guard slots[field.rawValue] == nil, !isRefused(field) else { return }
        slots[field.rawValue] = EffectiveValue(value, origin)
    }

    /// Whether the field has no value because what was written was refused.
    func isRefused(_ field: Field) -> Bool { declaration.spec.isRefused(field) }

    /// Whether nothing was written and nothing filled in.
    func isMissing(_ field: Field) -> Bool { self[field] == nil && !isRefused(field) }

    /// Applies the defaults of the field table for this protocol.
    mutating func applyDefaults(for type: MailProtocol? = nil) {
        for field in Field.allCases where slots[field.rawValue] == nil {
            let definition = field.definition
            guard let value = definition.defaultValue else { continue }
            if let type, let protocols = definition.protocols, !protocols.contains(type) { continue }
            fill(field, value, .schemaDefault)
        }
    }

    subscript(field: Field) -> FieldValue? { slots[field.rawValue]?.value }

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
