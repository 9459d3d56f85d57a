import KeelBase

/// The values that hold for a resource, without a copy of what many resources share: what is written stays where the
/// declaration keeps it, and defaults stay in the kind's table.
struct EffectiveSlots: Sendable {
    let table: FieldTable
    let written: FieldSlots<Located<FieldValue>>
    /// Of what the values were made that are not just what is written.
    let traces: FieldSlots<ReferenceTrace>
    /// What presets and rules set, and paths as they are seen from the project. It is over what is written.
    private var filled = FieldSlots<EffectiveValue>()
    /// The fields that have the table's default.
    private var defaulted = FieldSet()
    /// Written fields that have no meaning here, which was reported: nothing follows from what they say.
    private var dropped = FieldSet()

    init(_ table: FieldTable, written: FieldSlots<Located<FieldValue>>, traces: FieldSlots<ReferenceTrace>) {
        self.table = table
        self.written = written
        self.traces = traces
    }

    /// The fields that have a value.
    var fields: FieldSet {
        var fields = written.fields
        fields.formUnion(filled.fields)
        fields.formUnion(defaulted)
        return fields.subtracting(dropped)
    }

    subscript(index: Int) -> EffectiveValue? {
        guard !dropped.contains(index) else { return nil }
        if let value = filled[index] { return value }
        if let value = written[index]?.value { return EffectiveValue(value, origin(index)) }
        return defaulted.contains(index) ? table.defaults[index] : nil
    }

    func value(_ index: Int) -> FieldValue? {
        guard !dropped.contains(index) else { return nil }
        if filled.fields.contains(index) { return filled[index]?.value }
        if written.fields.contains(index) { return written[index]?.value }
        return defaulted.contains(index) ? table.defaults[index]?.value : nil
    }

    /// Who set what is written.
    func origin(_ index: Int) -> EffectiveValue.Origin {
        guard let names = traces[index]?.variables, !names.isEmpty else { return .manifest }
        return .variable(names.joined(separator: ", "))
    }

    /// Makes room for as many values to be filled: an array that grows one by one is moved again and again.
    mutating func reserve(_ count: Int) { filled.reserveCapacity(count) }

    mutating func fill(_ index: Int, _ value: EffectiveValue) { filled.set(index, value) }

    /// Takes a field for absent, whatever is written.
    mutating func drop(_ index: Int) { dropped.insert(index) }

    /// Gives these fields the table's defaults, where it has any.
    mutating func applyDefaults(to fields: FieldSet) { defaulted.formUnion(fields.intersection(table.defaults.fields)) }
}
