import KeelBase

/// The fields of a committed record in ascending UTF-8 order of their names: for its digest, and for how it is stored.
struct OrderedFields {
    struct Declared {
        let name: String
        let value: FieldValue
        /// Whether nothing holds under this name.
        var isIdle = true
    }

    struct Effective {
        let name: String
        let field: EffectiveValue
        /// Whether what is declared says it already.
        var isTold = false
    }

    private(set) var declared: [Declared] = []
    private(set) var effective: [Effective] = []

    init(_ record: CommittedRecord) {
        declared.reserveCapacity(record.declared.count)
        for (name, value) in record.declared { declared.append(Declared(name: name, value: value)) }
        effective.reserveCapacity(record.effective.count)
        for (name, field) in record.effective { effective.append(Effective(name: name, field: field)) }
        if record.declared.keys.areASCII && record.effective.keys.areASCII {
            declared.sort { $0.name < $1.name }
            effective.sort { $0.name < $1.name }
        } else {
            declared.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            effective.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        }
        compare()
    }

    /// Walks through both at once.
    private mutating func compare() {
        var index = effective.startIndex
        for place in declared.indices {
            let name = declared[place].name
            guard let found = effective[index...].firstIndex(where: { $0.name == name }) else { continue }
            declared[place].isIdle = false
            effective[found].isTold =
                effective[found].field.origin == .manifest && effective[found].field.value == declared[place].value
            index = found + 1
        }
    }

    var digest: String {
        var digest = RecordDigest()
        for field in declared { digest.declared(field.name, field.value) }
        for field in effective { digest.effective(field.name, field.field.value) }
        return digest.hexadecimal()
    }
}

extension Dictionary where Key == String {
    /// The elements in ascending order of the UTF-8 of their keys.
    var inByteOrder: [(key: String, value: Value)] {
        keys.areASCII
            ? sorted { $0.key < $1.key } : sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}

extension Sequence<String> {
    /// Swift's own order of strings is that of their UTF-8 for ASCII, and faster; elsewhere it follows Unicode.
    fileprivate var areASCII: Bool { allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } } }
}
