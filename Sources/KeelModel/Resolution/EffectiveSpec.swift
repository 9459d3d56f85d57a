import KeelBase
import KeelDiagnostics

/// What every effective resource has: what was written, what holds, and where it was written.
///
/// Values are kept in slots by the order of the kind's field table. Dictionaries by name are made when somebody asks: most
/// accounts of a large project are only looked at, and building them costs more than all else.
package struct EffectiveSpec: Sendable {
    package let address: ResourceAddress
    /// Where the resource's name stands.
    package let place: SourceRange
    private let table: FieldTable
    private let written: [FieldValue?]
    private let holding: [EffectiveValue?]
    private let places: [SourceRange?]
    private let labels: [String: String]

    init<Field: ResourceField>(_ declaration: Declaration<Field>, effective: EffectiveValues<Field>) {
        address = declaration.address
        place = declaration.name.range
        table = Field.table
        written = Field.allCases.map { declaration.spec[$0] }
        holding = effective.slots
        places = Field.allCases.map { declaration.spec.place($0) }
        labels = declaration.labels
    }

    /// Labels stand under `metadata`, but are compared and remembered like a field.
    package static let labelsField = "metadata.labels"

    /// As the manifest says it, by dotted field name.
    package var declared: [String: FieldValue] {
        var values = named(written)
        if !labels.isEmpty { values[Self.labelsField] = .map(labels) }
        return values
    }

    /// With presets and defaults applied and paths taken from the project's directory, by dotted field name.
    package var effective: [String: EffectiveValue] {
        var values = named(holding)
        if !labels.isEmpty { values[Self.labelsField] = EffectiveValue(.map(labels), .manifest) }
        return values
    }

    /// The value that holds for a field.
    package func value(_ field: String) -> FieldValue? { table.index[field].flatMap { holding[$0]?.value } }

    /// Whether the manifest gives the field.
    package func isDeclared(_ field: String) -> Bool { table.index[field].map { written[$0] != nil } ?? false }

    /// Where the field's value stands, else the resource's name.
    package func place(of field: String) -> SourceRange { table.index[field].flatMap { places[$0] } ?? place }

    private func named<Value>(_ slots: [Value?]) -> [String: Value] {
        var values: [String: Value] = [:]
        values.reserveCapacity(slots.count)
        for (index, slot) in slots.enumerated() {
            if let slot { values[table.definitions[index].name] = slot }
        }
        return values
    }
}
