import KeelBase

/// The records of a state by address, and the addresses in order without sorting what stood in order already.
struct RecordTable: Sendable {
    private var records: [ResourceAddress: StoredRecord] = [:]
    /// In ascending order; some may be gone.
    private var ordered: [ResourceAddress] = []
    /// Those that came since, in any order; some may be gone, or stand twice.
    private var added: [ResourceAddress] = []

    var count: Int { records.count }

    /// The bytes of all records together.
    var size: Int { records.values.reduce(0) { $0 + $1.range.count } }

    subscript(_ address: ResourceAddress) -> StoredRecord? {
        get { records[address] }
        set {
            guard let newValue else {
                records[address] = nil
                return
            }
            if records.updateValue(newValue, forKey: address) == nil { added.append(address) }
        }
    }

    /// The addresses in ascending order.
    var addresses: [ResourceAddress] {
        let new = added.filter { records[$0] != nil }.sorted()
        guard !new.isEmpty || ordered.count != records.count else { return ordered }
        var all: [ResourceAddress] = []
        all.reserveCapacity(records.count)
        var next = new.startIndex
        for old in ordered where records[old] != nil {
            while next < new.endIndex, new[next] <= old {
                if new[next] < old, all.last != new[next] { all.append(new[next]) }
                next += 1
            }
            all.append(old)
        }
        for address in new[next...] where all.last != address { all.append(address) }
        return all
    }

    /// Takes in a record of a text that is read from its beginning to its end; false if its address is known already.
    mutating func append(_ record: StoredRecord, at address: ResourceAddress) -> Bool {
        guard records.updateValue(record, forKey: address) == nil else { return false }
        if let last = ordered.last, address < last {
            added.append(address)
        } else {
            ordered.append(address)
        }
        return true
    }
}

extension RecordTable: Equatable {
    static func == (left: Self, right: Self) -> Bool { left.records == right.records }
}
