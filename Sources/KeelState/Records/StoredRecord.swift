import KeelBase

/// A record as the document keeps it: what planning looks at, and the bytes of all of it.
struct StoredRecord: Sendable {
    let head: RecordHead
    /// The text that the record is part of, shared with its neighbours.
    let source: [UInt8]
    let range: Range<Int>
    /// Whether the bytes may be copied into a document as they are.
    let isLaidOut: Bool

    var bytes: ArraySlice<UInt8> { source[range] }

    init(head: RecordHead, source: [UInt8], range: Range<Int>, isLaidOut: Bool) {
        self.head = head
        self.source = source
        self.range = range
        self.isLaidOut = isLaidOut
    }

    /// Encodes a record.
    init(_ record: ResourceRecord) { self = Self.encoded([record])[0] }

    /// Encodes records into one text, which they share.
    static func encoded(_ records: [ResourceRecord]) -> [StoredRecord] {
        var output = JSONOutput(depth: JSONOutput.recordDepth, capacity: records.count * 1536)
        var parts: [(head: RecordHead, end: Int)] = []
        for record in records {
            let head = output.record(record)
            parts.append((head, output.bytes.count))
        }
        let starts = [0] + parts.map(\.end)
        return zip(parts, starts).map { part, start in
            StoredRecord(head: part.head, source: output.bytes, range: start..<part.end, isLaidOut: true)
        }
    }

    func decoded(isEdited: Bool = false) throws(ReadingFault) -> ResourceRecord {
        var cursor = JSONCursor(source, at: range.lowerBound, depth: JSONOutput.recordDepth)
        return try cursor.record(isEdited: isEdited)
    }

    /// The same record, laid out as this program lays it out. What cannot be decoded stays as it is.
    var laidOut: StoredRecord {
        guard !isLaidOut, let record = try? decoded() else { return self }
        return StoredRecord(record)
    }
}

extension StoredRecord: Equatable {
    /// Whether they hold the same, however it is laid out.
    static func == (left: Self, right: Self) -> Bool {
        guard left.head == right.head else { return false }
        if left.bytes == right.bytes { return true }
        guard let one = try? left.decoded(), let other = try? right.decoded() else { return false }
        return one == other
    }
}

extension JSONCursor {
    /// Reads the head of a record and passes over its body.
    mutating func storedRecord() throws(ReadingFault) -> StoredRecord {
        // A cursor of its own, to see the layout of this record alone.
        var own = JSONCursor(bytes, at: offset, depth: JSONOutput.recordDepth)
        var head = RecordHead()
        var isOrdered = true
        var isInBody = false
        try own.enterObject("record")
        while let name = try own.nextName() {
            if isInBody { isOrdered = isOrdered && !Self.headNames.contains(name) }
            switch name {
            case "digest" where head.digest == nil: head.digest = try own.text(name)
            case "grant" where head.grant == nil: head.grant = try own.text(name)
            case "digest", "grant": throw own.fault("\(name) stands twice")
            case "proven": head.isProven = try own.boolean(name)
            case "failed": head.hasFailure = try own.boolean(name)
            case "staged": head.isStaged = try own.boolean(name)
            default:
                isInBody = true
                try own.skipValue()
            }
        }
        defer { pass(to: own.offset) }
        return StoredRecord(
            head: head, source: bytes, range: offset..<own.offset, isLaidOut: own.isLaidOut && isOrdered)
    }

    private static let headNames: Set<String> = ["digest", "grant", "proven", "failed", "staged"]
}
