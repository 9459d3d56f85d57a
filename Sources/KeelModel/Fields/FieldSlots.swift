/// A set of fields of one table, by their places in it.
struct FieldSet: Sendable, Equatable {
    /// A bit for each field; a table has no more rows than there are bits.
    private var bits: UInt64 = 0

    static let capacity = UInt64.bitWidth

    init() {}

    init(_ indices: some Sequence<Int>) { for index in indices { insert(index) } }

    var isEmpty: Bool { bits == 0 }

    func contains(_ index: Int) -> Bool { bits & (1 &<< UInt64(index)) != 0 }

    mutating func insert(_ index: Int) { bits |= 1 &<< UInt64(index) }

    mutating func formUnion(_ other: FieldSet) { bits |= other.bits }

    func intersection(_ other: FieldSet) -> FieldSet { FieldSet(bits: bits & other.bits) }

    func subtracting(_ other: FieldSet) -> FieldSet { FieldSet(bits: bits & ~other.bits) }

    /// How many fields of the set stand before this one in the table.
    func count(before index: Int) -> Int { (bits & ((1 &<< UInt64(index)) &- 1)).nonzeroBitCount }

    private init(bits: UInt64) { self.bits = bits }
}

/// At most one value for each field of a table, in the room that those values need which are there.
///
/// A manifest gives a handful of some two dozen fields, and a large project has many thousand manifests.
struct FieldSlots<Value: Sendable>: Sendable {
    /// The fields that have a value.
    private(set) var fields = FieldSet()
    /// Their values, in the order of the table.
    private var values: [Value] = []

    init() {}

    mutating func reserveCapacity(_ count: Int) { values.reserveCapacity(count) }

    subscript(index: Int) -> Value? { fields.contains(index) ? values[fields.count(before: index)] : nil }

    mutating func set(_ index: Int, _ value: Value) {
        let place = fields.count(before: index)
        if fields.contains(index) {
            values[place] = value
        } else if place == values.count {
            // The usual case, and `insert` costs more.
            values.append(value)
        } else {
            values.insert(value, at: place)
        }
        fields.insert(index)
    }
}
