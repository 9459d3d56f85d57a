import KeelBase
import KeelDiagnostics

/// Gathers the effective values of one declaration: what is written, then presets, then the table's defaults.
struct EffectiveValues<Field: ResourceField> {
    private(set) var slots: EffectiveSlots
    /// Fields whose value was refused. That was reported, and no other mistake follows from its absence.
    private(set) var refused: FieldSet

    init(_ declaration: Declaration<Field>) {
        slots = EffectiveSlots(
            Field.table, written: declaration.spec.slots, traces: declaration.spec.traces)
        refused = declaration.spec.refused
        if !declaration.directory.isEmpty { locateFiles(from: declaration.directory) }
    }

    /// Makes room for as many values that are not written.
    mutating func reserve(_ count: Int) { slots.reserve(count) }

    /// Sets what the manifest left open; a refused value is not open.
    mutating func fill(_ field: Field, _ value: FieldValue, _ origin: EffectiveValue.Origin) {
        guard isMissing(field) else { return }
        slots.fill(field.rawValue, EffectiveValue(value, origin))
    }

    /// Refuses a written field that has no meaning beside the others.
    mutating func refuse(_ index: Int) {
        slots.drop(index)
        refused.insert(index)
    }

    /// Whether the field has no value because what was written was refused.
    func isRefused(_ field: Field) -> Bool { !has(field) && refused.contains(field.rawValue) }

    /// Whether nothing was written and nothing filled in.
    func isMissing(_ field: Field) -> Bool { isMissing(field.rawValue) }

    func isMissing(_ index: Int) -> Bool { !slots.fields.contains(index) && !refused.contains(index) }

    /// Whether the manifest gives the value.
    func isWritten(_ field: Field) -> Bool { slots.written[field.rawValue] != nil }

    /// Whether there is a value.
    func has(_ field: Field) -> Bool { slots.fields.contains(field.rawValue) }

    /// Fills the fields that follow from others.
    mutating func derive() {
        for derivation in slots.table.rules.derivations
        where isMissing(derivation.field) && slots.fields.contains(derivation.given) {
            slots.fill(derivation.field, EffectiveValue(derivation.value, .schemaDefault))
        }
    }

    /// Applies the defaults of the field table.
    mutating func applyDefaults() {
        slots.applyDefaults(to: slots.table.defaults.fields.subtracting(slots.fields).subtracting(refused))
    }

    subscript(field: Field) -> FieldValue? { slots.value(field.rawValue) }

    func text(_ field: Field) -> String? { self[field]?.text }

    func integer(_ field: Field) -> Int? { self[field]?.integer }

    func set(_ field: Field) -> [String]? { self[field]?.set }

    func secret(_ field: Field) -> SecretSource? { self[field]?.secret }

    func map(_ field: Field) -> [String: String]? { self[field]?.map }

    /// Paths start at the manifest's directory when written, and at the project's from here on.
    private mutating func locateFiles(from directory: String) {
        for (index, definition) in slots.table.definitions.enumerated() {
            switch (slots.written[index]?.value, definition.type) {
            case (.text(let path)?, .path):
                slots.fill(index, EffectiveValue(.text(projectPath(path, from: directory)), slots.origin(index)))
            case (.secret(let source)?, _):
                guard case .file(let path) = source.location else { continue }
                let located = SecretSource(.file(projectPath(path, from: directory)), version: source.version)
                slots.fill(index, EffectiveValue(.secret(located), slots.origin(index)))
            default: continue
            }
        }
    }
}
