import KeelBase

/// Which run wrote a state.
package struct Written: Sendable, Equatable {
    package var run: String
    /// The command: `apply`, `destroy`, `state push`.
    package var operation: String
    package var who: String
    package var at: Timestamp

    package init(run: String, operation: String, who: String, at: Timestamp) {
        self.run = run
        self.operation = operation
        self.who = who
        self.at = at
    }
}

/// The state: what was committed by apply. Never a secret, never a passing observation.
///
/// A record is kept as the bytes that were read or will be written, with the little that planning looks at beside them.
/// So a state costs its scan, however much is in its records, and what nobody touched is written as it was.
package struct StateDocument: Sendable {
    /// The format that this version writes.
    package static let formatVersion = 2

    /// Grows by one with each replacement of the file.
    package var serial: Int
    /// The identity of this state from its creation on: two states with different lineages are never merged.
    package let lineage: String
    /// The vault whose grants the records name; nil until there is one.
    package var vault: String?
    /// The run that wrote this serial; nil before the first, and where an older version wrote it.
    package var written: Written?
    /// For messages.
    let path: String
    private(set) var table: RecordTable

    package init(
        serial: Int = 0, lineage: String, vault: String? = nil, resources: [ResourceAddress: ResourceRecord] = [:],
        written: Written? = nil
    ) {
        self.init(
            serial: serial, lineage: lineage, vault: vault, written: written, path: "the state", table: RecordTable())
        for (address, record) in resources { set(address, record) }
    }

    init(serial: Int, lineage: String, vault: String?, written: Written?, path: String, table: RecordTable) {
        self.serial = serial
        self.lineage = lineage
        self.vault = vault
        self.written = written
        self.path = path
        self.table = table
    }

    package var isEmpty: Bool { count == 0 }
    package var count: Int { table.count }

    /// The addresses in ascending order.
    package var addresses: [ResourceAddress] { table.addresses }

    /// What planning looks at first; nothing is decoded for it.
    package func head(_ address: ResourceAddress) -> RecordHead? { table[address]?.head }

    /// Everything that is remembered of an address; nil if nothing is.
    ///
    /// - Throws: `StateFailure` with `.corrupt`, which names the address and the line.
    package func record(_ address: ResourceAddress) throws(StateFailure) -> ResourceRecord? {
        try record(address, isEdited: false)
    }

    /// `isEdited`: somebody may have changed a record without its digest, and meant it.
    func record(_ address: ResourceAddress, isEdited: Bool) throws(StateFailure) -> ResourceRecord? {
        guard let stored = table[address] else { return nil }
        do throws(ReadingFault) {
            return try stored.decoded(isEdited: isEdited)
        } catch {
            throw .corrupt(path, error, in: stored.source, at: address)
        }
    }

    /// What is in service at an address.
    package func committed(_ address: ResourceAddress) throws(StateFailure) -> CommittedRecord? {
        try record(address)?.committed
    }

    /// Remembers a record; nil forgets the address.
    package mutating func set(_ address: ResourceAddress, _ record: ResourceRecord?) {
        table[address] = record.map { StoredRecord($0) }
    }

    /// Remembers a record that is encoded already.
    mutating func set(_ address: ResourceAddress, stored: StoredRecord?) { table[address] = stored }

    /// The record leaves `from` and arrives, as it is, at `to`. Nothing happens if there is none.
    package mutating func move(_ from: ResourceAddress, to: ResourceAddress) {
        guard from != to, let record = table[from] else { return }
        table[from] = nil
        table[to] = record
    }
}

extension StateDocument: Equatable {
    /// Whether they hold the same.
    package static func == (left: Self, right: Self) -> Bool {
        left.serial == right.serial && left.written == right.written && left.hasContent(of: right)
    }

    /// Whether they hold the same, whoever wrote it and when.
    func hasContent(of other: StateDocument) -> Bool {
        lineage == other.lineage && vault == other.vault && table == other.table
    }
}
