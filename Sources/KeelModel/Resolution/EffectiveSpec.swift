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
    /// Where a set wrote it, if one did.
    private let template: AccountTemplate?
    private let slots: EffectiveSlots
    /// Fields that stay as they were committed, whatever is written.
    private var kept = FieldSlots<Kept>()
    private(set) var labels: [String: String]
    /// Remarks; neither compared nor remembered.
    package let annotations: [String: Annotation]

    /// What was committed of a field.
    private struct Kept: Sendable {
        let declared: FieldValue?
        let effective: EffectiveValue?
    }

    init<Field: ResourceField>(_ declaration: Declaration<Field>, effective: EffectiveValues<Field>) {
        address = declaration.address
        place = declaration.name.range
        template = declaration.template
        slots = effective.slots
        labels = declaration.labels
        annotations = declaration.annotations
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
    package func value(_ field: String) -> FieldValue? {
        guard let index = table.index[field] else { return hasLabels(field) ? .map(labels) : nil }
        return value(index)
    }

    /// Who set the value that holds for a field.
    package func origin(_ field: String) -> EffectiveValue.Origin? {
        guard let index = table.index[field] else { return hasLabels(field) ? .manifest : nil }
        return holding(index)?.origin
    }

    /// Whether the manifest gives the field.
    package func isDeclared(_ field: String) -> Bool {
        guard let index = table.index[field] else { return hasLabels(field) }
        return written(index) != nil
    }

    /// Where the field's value stands, else the template that was to give it, else the resource's name.
    package func place(of field: String) -> SourceRange {
        table.index[field].flatMap { slots.written[$0]?.range ?? slots.traces[$0]?.emptyCell } ?? template?.place
            ?? place
    }

    /// The same resource with these fields' values from elsewhere; what is absent there is absent here.
    func replacing(
        _ fields: Set<String>, declared: [String: FieldValue], effective: [String: EffectiveValue]
    ) -> EffectiveSpec {
        var copy = self
        for field in fields {
            if field == Self.labelsField {
                copy.labels = effective[field]?.value.map ?? [:]
            } else if let index = table.index[field] {
                copy.kept.set(index, Kept(declared: declared[field], effective: effective[field]))
            }
        }
        return copy
    }

    // MARK: By place in the table

    var table: FieldTable { slots.table }

    /// What the manifest says.
    func written(_ index: Int) -> FieldValue? {
        kept.fields.contains(index) ? kept[index]?.declared : slots.written[index]?.value
    }

    /// What holds, and who set it.
    func holding(_ index: Int) -> EffectiveValue? {
        kept.fields.contains(index) ? kept[index]?.effective : slots[index]
    }

    /// The value that holds.
    func value(_ index: Int) -> FieldValue? {
        kept.fields.contains(index) ? kept[index]?.effective?.value : slots.value(index)
    }

    private func hasLabels(_ field: String) -> Bool { field == Self.labelsField && !labels.isEmpty }

    private func named<Value>(_ value: (Int) -> Value?) -> [String: Value] {
        var values: [String: Value] = [:]
        values.reserveCapacity(table.definitions.count)
        for index in table.definitions.indices {
            if let value = value(index) { values[table.definitions[index].name] = value }
        }
        return values
    }
}
