import KeelBase

/// The journal of one run: what it has committed since the state file was last replaced.
///
/// A line is a check and a JSON object. The first names the state that the journal continues; each further one is what
/// was committed together, appended and synchronized at once. So only the last can be cut off by a crash, and what is
/// damaged before it was damaged by something else.
package struct Journal: Sendable, Equatable {
    /// The format that this version writes.
    package static let formatVersion = 2

    /// What the first line says.
    package struct Header: Sendable, Equatable {
        package var lineage: String
        /// The serial of the state file that the journal continues.
        package var serial: Int
        package var vault: String?
        package var run: String
        /// The command; nil where an older version wrote it.
        package var operation: String?
        package var who: String?

        package init(
            lineage: String, serial: Int, vault: String?, run: String, operation: String? = nil, who: String? = nil
        ) {
            self.lineage = lineage
            self.serial = serial
            self.vault = vault
            self.run = run
            self.operation = operation
            self.who = who
        }
    }

    /// One committed result.
    package struct Entry: Sendable, Equatable {
        package var address: ResourceAddress
        /// Nil: the address is no longer managed; in a move: the record stays as it was.
        package var record: ResourceRecord?
        /// Where the record was until now, and is no longer, when it moves.
        package var from: ResourceAddress?

        package init(_ address: ResourceAddress, _ record: ResourceRecord?, from: ResourceAddress? = nil) {
            self.address = address
            self.record = record
            self.from = from
        }
    }

    package var header: Header
    package var entries: [Entry]
    /// Whether the last line was cut off: the run died while it wrote it, so it was never acted upon.
    package var endsTorn: Bool
}

extension StateDocument {
    /// The document with a journal's entries folded in.
    mutating func apply(_ journal: Journal) {
        vault = journal.header.vault ?? vault
        for entry in StoredEntry.encoded(journal.entries) { apply(entry) }
    }

    mutating func apply(_ entry: StoredEntry) {
        if let from = entry.from {
            move(from, to: entry.address)
            guard let record = entry.record else { return }
            set(entry.address, stored: record)
        } else {
            set(entry.address, stored: entry.record)
        }
    }
}

/// An entry whose record is encoded: once, for the journal and for the document.
struct StoredEntry: Sendable {
    let address: ResourceAddress
    let record: StoredRecord?
    let from: ResourceAddress?

    /// Encodes the records of entries that are committed together.
    static func encoded(_ entries: [Journal.Entry]) -> [StoredEntry] {
        var records = StoredRecord.encoded(entries.compactMap(\.record))[...]
        return entries.map { entry in
            StoredEntry(
                address: entry.address, record: entry.record == nil ? nil : records.popFirst(), from: entry.from)
        }
    }
}
