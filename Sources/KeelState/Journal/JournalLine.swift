import KeelBase
import KeelCrypto

/// The lines of a journal: `CHECK JSON`.
enum JournalLine {
    /// The digits of the check.
    private static let checkLength = 16

    static func header(_ header: Journal.Header) -> [UInt8] {
        sealed(
            JSON.present(
                ("journal", .integer(Journal.formatVersion)), ("lineage", .string(header.lineage)),
                ("serial", .integer(header.serial)), ("vault", header.vault.map(JSON.string)),
                ("run", .string(header.run)), ("operation", header.operation.map(JSON.string)),
                ("who", header.who.map(JSON.string))
            ).bytes())
    }

    /// All entries in one line, which is there as a whole or not at all.
    static func batch(_ entries: [StoredEntry]) -> [UInt8] {
        let size = entries.reduce(64) { $0 + ($1.record?.range.count ?? 0) + 128 }
        var output = JSONOutput(capacity: size)
        output.literal("{\"entries\":[")
        for (index, entry) in entries.enumerated() {
            output.literal(index == 0 ? "{\"address\":" : ",{\"address\":")
            output.address(entry.address)
            output.literal(",\"record\":")
            if let record = entry.record { output.copyOnOneLine(record.laidOut.bytes) } else { output.null() }
            if let from = entry.from {
                output.literal(",\"from\":")
                output.address(from)
            }
            output.literal("}")
        }
        output.literal("]}")
        return sealed(output.bytes)
    }

    /// The JSON of a line, which ends without its newline; nil if the line is damaged.
    static func opened(_ line: ArraySlice<UInt8>) -> [UInt8]? {
        guard line.count > checkLength + 1, line[line.startIndex + checkLength] == 0x20 else { return nil }
        let body = Array(line.dropFirst(checkLength + 1))
        guard line.prefix(checkLength).elementsEqual(check(body)) else { return nil }
        return body
    }

    private static func sealed(_ body: [UInt8]) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(body.count + checkLength + 2)
        line += check(body)
        line.append(0x20)
        line += body
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// The first eight bytes of a SHA-256 in hexadecimal: against accidents only.
    private static func check(_ body: [UInt8]) -> String.UTF8View {
        Hexadecimal.text(SHA256Digest.bytes(of: body).prefix(checkLength / 2)).utf8
    }
}
